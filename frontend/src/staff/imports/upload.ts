import { randomKey } from "@/shared/graphql/intent";
import { sessionHeaders } from "@/shared/graphql/client";
import { type Problem, problemOf, problemOfBody } from "@/shared/graphql/problem";

export interface Delivery {
  file: File;
  kind: string;
  number: string;
  senderId: string;
}

export type Uploaded = { id: string; isKnown: boolean } | { problem: Problem };

const mostBytes = 20 * 1024 * 1024;

/** Return what is wrong with a file before it is sent, or "". The server checks everything again. */
export function fileProblem(file: Pick<File, "name" | "size">): string {
  if (!/\.xlsx$/i.test(file.name)) return "请上传 .xlsx 文件；旧的 .xls 或 .csv 请先另存为 .xlsx";
  if (file.size === 0) return "文件是空的";
  if (file.size > mostBytes) return "文件超过 20 MB，请按乡镇拆分";
  return "";
}

/** Send a file for a dry run. The file's number and sender make a repeat harmless. */
export async function uploadBatch(delivery: Delivery, send: typeof fetch = fetch): Promise<Uploaded> {
  const form = new FormData();
  form.set("file", delivery.file);
  form.set("kind", delivery.kind);
  form.set("number", delivery.number);
  form.set("senderId", delivery.senderId);
  try {
    const reply = await send("/api/batches", {
      method: "POST",
      body: form,
      credentials: "same-origin",
      headers: { ...sessionHeaders(), "Idempotency-Key": randomKey() },
    });
    const body: unknown = await reply.json().catch(() => null);
    if (!reply.ok) return { problem: problemOfBody(reply.status, body) };
    return { id: (body as { id: string }).id, isKnown: reply.status === 200 };
  } catch (error) {
    return { problem: problemOf({ networkError: error as Error }) };
  }
}
