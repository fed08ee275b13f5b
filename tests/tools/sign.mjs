// Signs a webhook body the way GitHub does, by Octokit's code and not by ours.
//
//   SECRET=... node tests/tools/sign.mjs < body.json     prints sha256=<64 hex digits>
//
// The signer takes text, so a body that is not UTF-8 is refused: decoding it would change it.
// Exit code 2: no SECRET, an empty or undecodable body, or tests/setup has not been run.

import { readFileSync } from "node:fs";

const signer = "../.tools/node/node_modules/@octokit/webhooks-methods/dist-node/index.js";

function refuse(why) {
  console.error(`sign.mjs: ${why}`);
  process.exit(2);
}

const { sign } = await import(signer).catch((error) =>
  refuse(`${error.message}; run tests/setup first`),
);

const secret = process.env.SECRET;
if (!secret) refuse("the environment variable SECRET is empty");

// `ignoreBOM` keeps a leading byte order mark: it is part of what is signed.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
let body;
try {
  body = utf8.decode(readFileSync(0));
} catch (error) {
  refuse(`the body is not UTF-8: ${error.message}`);
}
if (!body) refuse("the body on stdin is empty");

console.log(await sign(secret, body));
