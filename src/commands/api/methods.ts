/** The methods of requests that `arcade api` sends. */
export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
