import { cacheExchange, createClient, fetchExchange, type Client } from "@urql/core";

/** Return a cookie's value, or "". */
export function cookie(name: string, cookies = document.cookie): string {
  const found = cookies.split("; ").find((each) => each.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** Return the headers every request of a session carries. */
export const sessionHeaders = (): Record<string, string> => ({ "X-CSRFToken": cookie("csrftoken") });

export function makeClient(): Client {
  return createClient({
    url: "/graphql/",
    exchanges: [cacheExchange, fetchExchange],
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
    fetchOptions: () => ({ credentials: "same-origin", headers: sessionHeaders() }),
  });
}
