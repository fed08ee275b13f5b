// Says what IAM would say to requests, by policies of whoever makes them: a simulation of AWS's rules that is
// not ours, with AWS's own list of actions, resources and condition keys.
//
//   node tests/tools/iam.mjs < question.json
//
//   {"account": "123456789012", "policies": [{"Version": .., "Statement": ..}],
//    "requests": [{"action": "ssm:GetParameter", "resource": "arn:..", "context": {"aws:..": ".."}}]}
//
// prints a list of Allowed, ImplicitlyDenied or ExplicitlyDenied. A request that AWS knows no such action or
// resource for is refused. Exit code 2: that, or tests/setup has not been run.

import { readFileSync } from "node:fs";

const simulator = "../.tools/node/node_modules/@cloud-copilot/iam-simulate/dist/esm/index.js";

function refuse(why) {
  console.error(`iam.mjs: ${why}`);
  process.exit(2);
}

const { runSimulation } = await import(simulator).catch((error) =>
  refuse(`${error.message}; run tests/setup first`),
);

const { account, policies, requests } = JSON.parse(readFileSync(0, "utf8"));
const verdicts = [];
for (const { action, resource, context } of requests) {
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${account}:role/whoever`,
        action,
        resource: { resource, accountId: account },
        contextVariables: context,
      },
      identityPolicies: policies.map((policy, at) => ({ name: `policy-${at}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  const ignored = answer.result?.ignoredContextKeys ?? [];
  if (answer.resultType === "error" || ignored.length > 0) {
    refuse(`${action} on ${resource}: ${JSON.stringify(answer.errors ?? ignored)}`);
  }
  verdicts.push(answer.overallResult);
}
console.log(JSON.stringify(verdicts));
