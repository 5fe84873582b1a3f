import { yuanText } from "@/shared/format/money";

/** What went wrong, in words for people, and what they can do about it. */
export interface Problem {
  code: string;
  message: string;
  details: Record<string, unknown>;
  /** Message by form field; forms hold amounts as typed, so "budgetFen" is their "budget". */
  fields: Record<string, string>;
  /** Whether the same request may be sent again: nothing tells that it was refused. */
  isRetriable: boolean;
}

interface ErrorLike {
  networkError?: Error;
  graphQLErrors?: readonly { message: string; extensions?: Record<string, unknown> }[];
  response?: { status?: number };
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const words: Record<string, string> = {
  offline: "没有连上网络，请检查后重试。已填写的内容都还在。",
  server_unavailable: "系统暂时无法处理，请稍后重试。",
  unauthenticated: "登录已失效，请重新登录。",
  denied: "您没有此操作的权限，或该记录不在您的辖区内。",
  not_found: "没有找到该记录，可能已被移动或不在您的辖区内。",
  rate_limited: "操作太频繁，请稍等片刻再试。",
  too_large: "文件太大，请拆分后上传。",
};

function problem(code: string, message = "", details: Record<string, unknown> = {}, isRetriable = false): Problem {
  const fields = Object.fromEntries(Object.entries(record(details.fields)).map(([name, text]) => [name.replace(/Fen$/, ""), String(text)]));
  return { code, message: message || words[code] || "操作没有成功，请稍后重试。", details, fields, isRetriable };
}

const codeByStatus: Record<number, string> = {
  401: "unauthenticated",
  403: "denied",
  404: "not_found",
  413: "too_large",
  429: "rate_limited",
};

/** Return the problem behind an HTTP status without a readable body; 429 and 5xx may be retried. */
export function problemOfStatus(status: number): Problem {
  const code = codeByStatus[status] ?? "server_unavailable";
  return problem(code, "", {}, status === 429 || code === "server_unavailable");
}

/** Return the problem in a JSON error body {code, message, details} of the REST endpoints. */
export function problemOfBody(status: number, body: unknown): Problem {
  const { code, message, details } = record(body);
  return typeof code === "string" ? problem(code, String(message ?? ""), record(details)) : problemOfStatus(status);
}

/** Return the problem behind a GraphQL client's error; the first error of several decides. */
export function problemOf(error: ErrorLike): Problem {
  const first = error.graphQLErrors?.[0];
  if (first) {
    const { code, message, details } = first.extensions ?? {};
    // A message without a code is a programmer's, not for people.
    return typeof code === "string" ? problem(code, String(message ?? first.message), record(details)) : problem("unknown");
  }
  const status = error.response?.status;
  return status && status >= 400 ? problemOfStatus(status) : problem("offline", "", {}, true);
}

/** Return a second sentence for the refusals that an officer must act on, or "". */
export function nextStep(refused: Pick<Problem, "code" | "details">): string {
  if (refused.code === "overlap" && typeof refused.details.residualFen === "number") {
    return `该需求目前还缺 ${yuanText(refused.details.residualFen)}。金额不会自动更改：请退回本建议，或重新核定需求后再运行匹配。`;
  }
  if (refused.code === "wrong_state" && typeof refused.details.stateLabel === "string") {
    return `当前状态：${refused.details.stateLabel}。列表已刷新。`;
  }
  return "";
}
