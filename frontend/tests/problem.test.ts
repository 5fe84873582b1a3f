import { describe, expect, it } from "vitest";
import { Intents, randomKey } from "@/shared/graphql/intent";
import { nextStep, problemOf, problemOfBody, problemOfStatus } from "@/shared/graphql/problem";

const graphqlError = (code: string | undefined, message: string, details = {}) => ({ graphQLErrors: [{ message, extensions: code ? { code, message, details } : {} }] });

describe("problems", () => {
  it("keep the server's Chinese words and its details", () => {
    const problem = problemOf(graphqlError("overlap", "该需求已由其他救助覆盖", { residualFen: 100_000 }));
    expect([problem.code, problem.message, problem.isRetriable]).toEqual(["overlap", "该需求已由其他救助覆盖", false]);
    expect(nextStep(problem)).toContain("还缺 1,000 元");
  });

  it("say what a decided proposal now is", () => {
    expect(nextStep(problemOf(graphqlError("wrong_state", "不能再审批", { stateLabel: "已批准" })))).toContain("已批准");
  });

  it("put a form's errors by field", () => {
    expect(problemOf(graphqlError("invalid", "请检查", { fields: { budgetFen: "须大于 0", closesOn: "太早" } })).fields).toEqual({ budget: "须大于 0", closesOn: "太早" });
  });

  it("hide a programmer's message", () => {
    const problem = problemOf(graphqlError(undefined, "Cannot query field secret"));
    expect(problem.code).toBe("unknown");
    expect(problem.message).not.toContain("secret");
  });

  it("tell a lost connection from a refusal: only silence may be retried", () => {
    expect(problemOf({ networkError: new Error("x") })).toMatchObject({ code: "offline", isRetriable: true });
    expect(problemOf({ networkError: new Error("x"), response: { status: 503 } })).toMatchObject({ code: "server_unavailable", isRetriable: true });
    expect(problemOf({ networkError: new Error("x"), response: { status: 200 } })).toMatchObject({ code: "offline", isRetriable: true });
    expect(problemOf({ networkError: new Error("x"), response: { status: 403 } })).toMatchObject({ code: "denied", isRetriable: false });
    expect(problemOfStatus(401).code).toBe("unauthenticated");
  });

  it("read the REST endpoints' bodies, or the status where there is none", () => {
    expect(problemOfBody(422, { code: "wrong_file", message: "缺少工作表“发放”", details: {} }).message).toBe("缺少工作表“发放”");
    expect(problemOfBody(413, null).code).toBe("too_large");
    expect(problemOfBody(502, "<html>").code).toBe("server_unavailable");
  });
});

describe("an intention", () => {
  it("keeps its key until the server answered, then takes a new one", () => {
    let made = 0;
    const intents = new Intents(() => `k${(made += 1)}`);
    expect([intents.keyFor("a"), intents.keyFor("a")]).toEqual(["k1", "k1"]);
    intents.settle();
    expect(intents.keyFor("a")).toBe("k2");
  });

  it("takes a new key for another body", () => {
    let made = 0;
    const intents = new Intents(() => `k${(made += 1)}`);
    expect([intents.keyFor("a"), intents.keyFor("b"), intents.keyFor("a")]).toEqual(["k1", "k2", "k3"]);
  });

  it("has a version 4 UUID for a key, each different", () => {
    const keys = Array.from({ length: 200 }, randomKey);
    expect(new Set(keys).size).toBe(200);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
