/** The version of arcade, defined only here. */
export const VERSION = "0.1.0";

/** The version of the Python CLI whose contracts with the services this program follows (docs/contracts.md, Services). */
export const PYTHON_CLI_VERSION = "1.16.3";

/** The documentation for users. */
export const DOCUMENTATION_URL = "https://docs.arcade.dev";
