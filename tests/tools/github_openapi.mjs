// Cuts GitHub's description of its REST API down to what Headroom asks: Prism needs a minute for the
// whole of it and seconds for this.
//
//   node github_openapi.mjs FULL.json CUT.json
//
// Headers of answers are left out: Prism would make up a `link` to a next page at api.github.com.
// Answers of the type application/json are offered as application/vnd.github+json as well, which
// GitHub recommends to ask for and leaves out of the description.
// Examples in which members are missing that the description requires are left out, and Prism makes
// some up: it would refuse them itself.
// https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#accept

import fs from "node:fs";

const ASKED = [
  "/app",
  "/app/hook/config",
  "/app/hook/deliveries",
  "/app/hook/deliveries/{delivery_id}/attempts",
  "/app/installations/{installation_id}/access_tokens",
  "/orgs/{org}/installation",
  "/orgs/{org}/actions/runner-groups",
  "/repos/{owner}/{repo}",
  "/repos/{owner}/{repo}/installation",
  "/repos/{owner}/{repo}/actions/jobs/{job_id}",
  "/repos/{owner}/{repo}/actions/runs",
  "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs",
  // What an organisation and a repository have alike.
  ...["/orgs/{org}", "/repos/{owner}/{repo}"].flatMap((place) => [
    `${place}/actions/runners`,
    `${place}/actions/runners/{runner_id}`,
    `${place}/actions/runners/generate-jitconfig`,
    `${place}/hooks/{hook_id}`,
    `${place}/hooks/{hook_id}/deliveries`,
    `${place}/hooks/{hook_id}/deliveries/{delivery_id}/attempts`,
  ]),
];

const [from, to] = process.argv.slice(2);
const full = JSON.parse(fs.readFileSync(from, "utf8"));

const paths = {};
for (const path of ASKED) {
  if (!(path in full.paths)) throw new Error(`${path} is not described`);
  paths[path] = full.paths[path];
}

// Everything that is referred to, from there on.
const components = {};
const follow = (node) => {
  if (typeof node !== "object" || node === null) return;
  if (typeof node.$ref === "string") {
    const [, , kind, name] = node.$ref.split("/");
    if (components[kind]?.[name] === undefined) {
      (components[kind] ??= {})[name] = full.components[kind][name];
      follow(components[kind][name]);
    }
  }
  Object.values(node).forEach(follow);
};
follow(paths);

const resolved = (node) => {
  if (node?.$ref === undefined) return node;
  const [, , kind, name] = node.$ref.split("/");
  return components[kind][name];
};

// Whether an example has all that its schema requires.
const fits = (schema, value) => {
  const { nullable, allOf, type, required = [], properties = {}, items } = resolved(schema) ?? {};
  if (value === null) return nullable === true;
  if (allOf !== undefined) return allOf.every((part) => fits(part, value));
  if (type === "array") return value.every((item) => fits(items, item));
  if (type !== "object") return true;
  const has = (name) => name in value;
  const known = Object.keys(properties).filter(has);
  return required.every(has) && known.every((name) => fits(properties[name], value[name]));
};

const answers = Object.values(paths).flatMap((path) =>
  Object.values(path).flatMap((operation) => Object.values(operation.responses ?? {})),
);
for (const answer of [...answers, ...Object.values(components.responses ?? {})]) {
  delete answer.headers;
  const json = answer.content?.["application/json"];
  if (json === undefined) continue;
  const examples = Object.values(json.examples ?? {}).map(resolved);
  if (!examples.every((example) => fits(json.schema, example.value))) delete json.examples;
  answer.content["application/vnd.github+json"] = json;
}

const { openapi, info } = full;
fs.writeFileSync(to, JSON.stringify({ openapi, info, servers: [{ url: "/" }], paths, components }));
