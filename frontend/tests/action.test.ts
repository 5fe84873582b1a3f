import { cacheExchange, createClient, fetchExchange } from "@urql/core";
import urql from "@urql/vue";
import { mount } from "@vue/test-utils";
import { defineComponent, h } from "vue";
import { expect, it } from "vitest";
import { ProposalApproveDocument } from "@/generated/staff";
import { useAction } from "@/shared/graphql/useAction";

type Reply = () => Promise<Response>;
const silence: Reply = () => Promise.reject(new TypeError("connection reset"));
const json = (body: unknown, status = 200): Reply => async () =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

/** Return an action on a real client whose network gives the replies in turn, and the keys it sent. */
function action(replies: Reply[]) {
  const keys: string[] = [];
  document.cookie = "csrftoken=c1";
  const client = createClient({
    url: "http://localhost/graphql/",
    preferGetMethod: false,
    exchanges: [cacheExchange, fetchExchange],
    fetch: async (_url, init) => {
      const headers = new Headers(init!.headers);
      expect(headers.get("X-CSRFToken")).toBe("c1");
      keys.push(headers.get("Idempotency-Key")!);
      return replies.shift()!();
    },
  });
  let made!: ReturnType<typeof useAction<unknown, { id: string; reason?: string }>>;
  const Page = defineComponent(() => {
    made = useAction(ProposalApproveDocument) as never;
    return () => h("i");
  });
  mount(Page, { global: { plugins: [[urql, client]] } });
  return { keys, run: (id: string) => made.run({ id, reason: "" }), problem: () => made.problem.value };
}

const refused = json({ data: null, errors: [{ message: "x", extensions: { code: "wrong_state", message: "不能再审批" } }] });

it("repeats the key after silence and after 503, and takes a new one after an answer", async () => {
  const one = action([silence, json({}, 503), refused, refused]);
  for (const code of ["offline", "server_unavailable", "wrong_state", "wrong_state"]) {
    expect(await one.run("p1")).toBeNull();
    expect(one.problem()?.code).toBe(code);
  }
  const [first, second, third, fourth] = one.keys;
  expect([second, third]).toEqual([first, first]);
  expect(fourth).not.toBe(first);
});

it("sends one request for a double click", async () => {
  const one = action([json({ data: { proposalApprove: { id: "p1" } } })]);
  const [first, second] = await Promise.all([one.run("p1"), one.run("p1")]);
  expect([first !== null, second, one.keys.length]).toEqual([true, null, 1]);
});
