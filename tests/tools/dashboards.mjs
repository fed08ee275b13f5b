// Checks dashboards against what others say a dashboard is, not against us.
//
//   node tests/tools/dashboards.mjs cloudwatch|grafana < dashboards.json
//
// stdin is an array of {"name": .., "body": ..}. What is wrong is printed a line each: the name,
// the place, what was expected. Exit code 0: nothing; 1: something; 2: tests/setup has not been run.
//
// The types are turned into JSON schemas that forbid unknown members. CloudWatch's are those of the
// npm package cloudwatch-dashboard-types, Grafana's those of its own Foundation SDK, which Grafana
// generates from its schemas: dashboard, the options and field options of each panel type, and the
// queries of each data source.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = join(dirname(fileURLToPath(import.meta.url)), "../.tools/node/node_modules");

function refuse(why) {
  console.error(`dashboards.mjs: ${why}`);
  process.exit(2);
}

const load = (path) =>
  import(join(modules, path)).catch((error) => refuse(`${error.message}; run tests/setup first`));

const { createGenerator } = await load("ts-json-schema-generator/dist/index.js");
const { Ajv } = await load("ajv/dist/ajv.js").then((module) => module.default);

// A JSON schema of types: `members` are names with a package's file and the type in it.
function schemaOf(members) {
  const folder = mkdtempSync(join(tmpdir(), "dashboards-"));
  const imports = members.map(([name, file]) => `import type * as ${name} from ${JSON.stringify(join(modules, file))};`);
  const lines = members.map(([name, , type]) => `  ${name}: ${name}.${type};`);
  const source = `${imports.join("\n")}\nexport interface Checked {\n${lines.join("\n")}\n}\n`;
  const options = { module: "nodenext", moduleResolution: "nodenext", target: "es2022", strict: true, types: [] };
  writeFileSync(join(folder, "checked.ts"), source);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options }));
  const generator = createGenerator({
    path: join(folder, "checked.ts"),
    tsconfig: join(folder, "tsconfig.json"),
    type: "Checked",
    expose: "none",
    skipTypeCheck: true,
    additionalProperties: false,
  });
  const schema = generator.createSchema("Checked");
  rmSync(folder, { recursive: true });
  return schema;
}

const ajv = new Ajv({ strict: false, allErrors: true, allowUnionTypes: true });

// A check by a part of a schema.
function checkBy(schema, part) {
  const validate = ajv.compile({ ...part, definitions: schema.definitions });
  return (value, at, say) => {
    if (validate(value)) return;
    for (const error of validate.errors) {
      const more = Object.values(error.params).flat().join(", ");
      say(`${at}${error.instancePath}: ${error.message} (${more})`);
    }
  };
}

// The types of that package are of 2023. CloudWatch takes more, as the AWS CDK shows, which writes
// it (aws-cdk-lib/aws-cloudwatch: TableWidget, SingleValueWidget.setPeriodToTimeRange, Stats.tc),
// and less: `metrics` are rows of strings that end in an object, or one object with an expression,
// and the properties are those of the type that the widget names.
function cloudwatch() {
  const schema = schemaOf(
    ["Dashboard", "MetricWidgetProperties", "TextWidgetProperties", "LogWidgetProperties", "AlarmWidgetProperties",
      "RenderingPropertiesObject"].map((type) => [`a${type}`, "cloudwatch-dashboard-types/dist/index.d.ts", type]));
  const types = Object.fromEntries(
    Object.entries(schema.definitions.Checked.properties).map(([name, type]) => [name.slice(1), type]));
  const metric = types.MetricWidgetProperties;
  const look = types.RenderingPropertiesObject;
  const stat = { type: "string", pattern: "^(Sum|Average|Maximum|Minimum|SampleCount|p\\d{1,2}(\\.\\d+)?|T[CMS]\\(\\d*:\\d*\\)|PR\\(\\d*:\\d*\\))$" };
  const id = { type: "string", pattern: "^[a-z][a-zA-Z0-9_]*$" };
  const colour = { type: "string", pattern: "^#[0-9a-f]{6}$" };
  Object.assign(look.properties, { stat, id, color: colour });
  const expression = {
    ...look,
    properties: { ...look.properties, expression: { type: "string", minLength: 1 } },
    required: ["expression"],
  };
  const text = { type: "string", minLength: 1, maxLength: 255 };
  // Namespace, name and up to 30 pairs; the options stand last.
  const pairs = (n) => ({ type: "array", minItems: 2 * n + 3, maxItems: 2 * n + 3, items: [...Array(2 * n + 2).fill(text), look] });
  Object.assign(metric.properties, {
    metrics: { type: "array", minItems: 1, items: { anyOf: [{ type: "array", minItems: 1, maxItems: 1, items: expression }, ...Array.from({ length: 31 }, (_, n) => pairs(n))] } },
    view: { enum: ["timeSeries", "singleValue", "gauge", "bar", "pie", "table"] },
    setPeriodToTimeRange: { type: "boolean" },
    period: { type: "integer", anyOf: [{ enum: [1, 5, 10, 30] }, { minimum: 60, multipleOf: 60 }] },
    table: {
      type: "object", additionalProperties: false,
      properties: {
        layout: { enum: ["vertical", "horizontal"] }, showTimeSeriesData: { type: "boolean" }, stickySummary: { type: "boolean" },
        summaryColumns: { type: "array", items: { enum: ["MIN", "MAX", "SUM", "AVG"] } },
      },
    },
  });
  metric.required = ["region", "metrics"];
  const properties = { metric, text: types.TextWidgetProperties, log: types.LogWidgetProperties, alarm: types.AlarmWidgetProperties };
  const widget = ([type, of]) => ({
    type: "object", additionalProperties: false, required: ["type", "properties", "x", "y", "width", "height"],
    properties: {
      type: { const: type }, properties: of,
      x: { type: "integer", minimum: 0, maximum: 23 }, y: { type: "integer", minimum: 0 },
      width: { type: "integer", minimum: 1, maximum: 24 }, height: { type: "integer", minimum: 1, maximum: 1000 },
    },
  });
  const dashboard = types.Dashboard;
  dashboard.properties.widgets = { type: "array", maxItems: 500 };
  const whole = checkBy(schema, dashboard);
  const widgets = Object.fromEntries(Object.entries(properties).map((entry) => [entry[0], checkBy(schema, widget(entry))]));
  return (body, say) => {
    whole(body, "", say);
    for (const [index, one] of (body.widgets ?? []).entries()) {
      const at = `/widgets/${index} (${one?.properties?.title ?? one?.type})`;
      if (widgets[one?.type]) widgets[one.type](one, at, say);
      else say(`${at}: no such type of widget`);
    }
  };
}

function grafana() {
  const sdk = (part) => `@grafana/grafana-foundation-sdk/dist/${part}/index.js`;
  const panels = ["timeseries", "stat", "heatmap", "table", "text"];
  const fields = ["timeseries", "heatmap", "table"];
  const schema = schemaOf([
    ["dashboard", sdk("dashboard"), "Dashboard"],
    ["panel", sdk("dashboard"), "FieldConfig"],
    ...panels.map((type) => [`${type}Options`, sdk(type), "Options"]),
    ...fields.map((type) => [`${type}Field`, sdk(type), "FieldConfig"]),
    ["prometheus", sdk("prometheus"), "Dataquery"],
    ["cloudwatch", sdk("cloudwatch"), "MetricsQuery"],
    ["cloudwatchAnnotation", sdk("cloudwatch"), "AnnotationQuery"],
  ]);
  const types = schema.definitions.Checked.properties;
  // The dashboard knows of queries only that they are some; each is checked as its source's.
  const any = { targets: { type: "array" }, target: { type: "object" } };
  const { definitions, dashboard } = JSON.parse(
    JSON.stringify({ definitions: schema.definitions, dashboard: types.dashboard }, (key, value) => any[key] ?? value));
  const whole = checkBy({ definitions }, dashboard);
  const check = (name, extra) => checkBy(schema, { ...types[name], ...extra });
  // What is drawn in a panel is a part of the defaults: nothing in it is required.
  const optional = (name) => check(name, { required: [] });
  const options = Object.fromEntries(panels.map((type) => [type, check(`${type}Options`)]));
  const custom = Object.fromEntries(fields.map((type) => [type, optional(`${type}Field`)]));
  const standard = optional("panel");
  const queries = { prometheus: check("prometheus"), cloudwatch: check("cloudwatch") };
  const annotation = check("cloudwatchAnnotation");

  const field = (type, config, at, say) => {
    const { custom: own, ...rest } = config;
    standard(rest, at, say);
    if (own && custom[type]) custom[type](own, `${at}/custom`, say);
    else if (own && Object.keys(own).length > 0) say(`${at}: ${type} has no field options`);
  };
  const panel = (one, at, say) => {
    if (options[one.type]) options[one.type](one.options, `${at}/options`, say);
    else if (!["row", "alertlist"].includes(one.type)) say(`${at}: no such type of panel: ${one.type}`);
    field(one.type, one.fieldConfig?.defaults ?? {}, `${at}/defaults`, say);
    for (const { properties } of one.fieldConfig?.overrides ?? []) {
      for (const { id, value } of properties) {
        const config = id.startsWith("custom.") ? { custom: { [id.slice(7)]: value } } : { [id]: value };
        field(one.type, config, `${at}/overrides/${id}`, say);
      }
    }
    for (const target of one.targets ?? []) {
      const source = target.datasource?.type;
      if (queries[source]) queries[source](target, `${at}/${target.refId}`, say);
      else say(`${at}/${target.refId}: no such data source: ${source}`);
    }
    for (const inner of one.panels ?? []) panel(inner, `${at} > ${inner.title}`, say);
  };
  return (body, say) => {
    whole(body, "", say);
    for (const one of body.panels ?? []) panel(one, one.title ?? one.type, say);
    for (const { name, datasource, target } of body.annotations?.list ?? []) {
      if (datasource?.type === "cloudwatch") annotation(target, `annotation ${name}`, say);
    }
  };
}

const checks = { cloudwatch, grafana };
const target = process.argv[2];
if (!checks[target]) refuse("say cloudwatch or grafana");
const check = checks[target]();
let wrong = 0;
for (const { name, body } of JSON.parse(readFileSync(0, "utf8"))) {
  check(body, (what) => {
    wrong += 1;
    console.log(`${name} ${what}`);
  });
}
process.exit(wrong === 0 ? 0 : 1);
