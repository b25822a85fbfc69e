import type { FlagParametersForType } from "@stricli/core";
import type { AddressFlags } from "../arcade/urls.ts";
import { Failure } from "../failure.ts";
import { printableJson } from "../terminal/safe_text.ts";
import type { Context } from "./context.ts";

/** A whole number within bounds. The message of the failure is shown behind the name of the flag, and repeats nothing. */
export function wholeNumber(from: number, to: number): (input: string) => number {
  return (input) => {
    const number = /^\d+$/.test(input) ? Number(input) : NaN;
    if (number >= from && number <= to) return number;
    throw new Failure("usage", `expected a whole number from ${from} to ${to}`);
  };
}

/** `--host`, `--port`, `--tls` and `--no-tls`: which server of a service to speak to. */
export function addressFlags(
  service: "coordinator" | "engine",
): FlagParametersForType<AddressFlags, Context> {
  return {
    host: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "name",
      brief: `Host of the ${service}, with or without a port`,
    },
    port: {
      kind: "parsed",
      parse: wholeNumber(1, 65_535),
      optional: true,
      placeholder: "number",
      brief: `Port of the ${service}`,
    },
    tls: {
      kind: "boolean",
      optional: true,
      brief: "Use TLS or not (default: as the host needs)",
    },
  };
}

/** What every command has; src/cli/command_line.ts takes these out wherever they stand. */
export interface CommonFlags {
  readonly debug?: boolean;
  readonly color?: boolean;
}

export const commonFlags: FlagParametersForType<CommonFlags, Context> = {
  color: { kind: "boolean", optional: true, brief: "Show colours where the terminal has them" },
  debug: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Show causes and the HTTP exchange, masked",
  },
};

export interface JsonFlag extends CommonFlags {
  readonly json?: boolean;
}

/** `--json`: the data and nothing else on stdout. */
export const jsonFlag: FlagParametersForType<JsonFlag, Context> = {
  json: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Print JSON with stable keys",
  },
  ...commonFlags,
};

/** The flags of a command that asks a service and prints what it said. */
export type ServiceFlags = AddressFlags & JsonFlag;

export function serviceFlags(
  service: "coordinator" | "engine",
): FlagParametersForType<ServiceFlags, Context> {
  return { ...addressFlags(service), ...jsonFlag };
}

/** Prints data for programs. */
export function writeJson(context: Context, data: unknown): void {
  context.stdout.write(`${printableJson(data)}\n`);
}
