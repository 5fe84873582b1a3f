// Writes src/generated/{staff,wishes}.ts: types and documents of every *.graphql under src, checked against the contract.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { codegen } from "@graphql-codegen/core";
import * as documentNode from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import { buildSchema, parse, printSchema, validate } from "graphql";

const here = new URL("./", import.meta.url);
const schema = buildSchema(await readFile(new URL("../api/schema.graphql", here), "utf8"));

const config = {
  scalars: { Fen: "number", Date: "string", DateTime: "string", ID: "string" },
  useTypeImports: true,
  enumsAsTypes: true,
  skipTypename: true,
  dedupeFragments: true,
};
const names = (await readdir(new URL("src/", here), { recursive: true })).sort();
await mkdir(new URL("src/generated/", here), { recursive: true });

// One file per entry: a donor's phone does not load the officers' documents.
for (const entry of ["staff", "wishes"]) {
  const documents = [];
  for (const name of names) {
    if (!name.endsWith(".graphql") || !["shared", entry].includes(name.split("/")[0])) continue;
    const source = await readFile(new URL(`src/${name}`, here), "utf8");
    documents.push({ location: name, document: parse(source) });
  }
  const together = { kind: "Document", definitions: documents.flatMap((each) => each.document.definitions) };
  const mistakes = validate(schema, together);
  if (mistakes.length) {
    for (const mistake of mistakes) console.error(mistake.toString());
    process.exit(1);
  }
  const filename = `src/generated/${entry}.ts`;
  const text = await codegen({
    filename,
    schema: parse(printSchema(schema)),
    documents,
    config,
    plugins: [{ operations: {} }, { documentNode: {} }],
    pluginMap: { operations, documentNode },
  });
  await writeFile(new URL(filename, here), text);
}
