// A JSON Schema (as OpenAPI 3.1 has it) for people: types, limits, fields in fields, example values.
import { el, inline, lazy } from "./elements.js";

let api = {};

/** The document that references point into. */
export function useDocument(document) {
  api = document;
}

/** What a schema stands for, references followed. */
export function resolve(schema) {
  let steps = 0;
  while (schema && schema.$ref && steps++ < 20)
    schema = schema.$ref
      .slice(2)
      .split("/")
      .reduce((at, key) => at && at[key.replace(/~1/g, "/").replace(/~0/g, "~")], api);
  return schema || {};
}

const titleOf = schema => (schema.$ref ? schema.$ref.split("/").pop() : schema.title || "");
const isSchema = value => value !== null && typeof value === "object" && Object.keys(value).length > 0;

function variants(schema) {
  const all = schema.anyOf || schema.oneOf;
  return all ? { list: all.filter(one => one.type !== "null"), nullable: all.some(one => one.type === "null") } : null;
}

/** The type in a few words: `string (date)`, `Clock[]`, `"a" | "b" | null`. */
export function typeText(raw) {
  const schema = resolve(raw),
    choice = variants(schema);
  if (choice) return choice.list.map(typeText).join(" | ") + (choice.nullable ? " | null" : "");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map(value => JSON.stringify(value)).join(" | ");
  if (schema.prefixItems) return "[" + schema.prefixItems.map(typeText).join(", ") + "]";
  if (schema.type === "array") {
    const item = typeText(schema.items || {});
    return (item.includes(" | ") ? `(${item})` : item) + "[]";
  }
  if (schema.type === "object" || schema.properties) return titleOf(raw) || schema.title || "object";
  return (
    (Array.isArray(schema.type) ? schema.type.join(" | ") : schema.type || "any") +
    (schema.format ? " (" + schema.format + ")" : "")
  );
}

/** Bounds, pattern and default in a few words. */
export function limitsText(raw) {
  const schema = resolve(raw),
    choice = variants(schema),
    s = choice && choice.list.length === 1 ? resolve(choice.list[0]) : schema;
  const parts = [];
  for (const [key, sign] of [
    ["minimum", "≥"],
    ["exclusiveMinimum", ">"],
    ["maximum", "≤"],
    ["exclusiveMaximum", "<"],
  ])
    if (s[key] !== undefined) parts.push(sign + " " + s[key]);
  if (s.minLength || s.maxLength) parts.push((s.minLength || 0) + "–" + (s.maxLength || "∞") + " characters");
  if (s.maxItems) parts.push("≤ " + s.maxItems + " items");
  if (s.pattern) parts.push(s.pattern);
  const fallback = raw.default ?? s.default;
  if (fallback !== undefined && fallback !== null && fallback !== "") parts.push("default " + JSON.stringify(fallback));
  return parts.join(", ");
}

/** The objects a value of this schema is made of: itself, its items, its variants. */
function objectsIn(raw) {
  const schema = resolve(raw),
    choice = variants(schema);
  if (choice) return choice.list.flatMap(objectsIn);
  if (schema.prefixItems) return schema.prefixItems.flatMap(objectsIn);
  if (schema.type === "array") return objectsIn(schema.items || {});
  return fieldsOf(schema).length ? [raw] : [];
}

function fieldsOf(schema) {
  const required = schema.required || [];
  const fields = Object.entries(schema.properties || {}).map(([name, property]) => ({
    name,
    property,
    required: required.includes(name),
  }));
  for (const [pattern, property] of Object.entries(schema.patternProperties || {}))
    fields.push({ name: "names like " + pattern, property });
  if (isSchema(schema.additionalProperties)) fields.push({ name: "any name", property: schema.additionalProperties });
  return fields;
}

/** All names of fields below a schema, for the search. */
export function fieldNames(raw, seen = new Set()) {
  return objectsIn(raw).flatMap(one => {
    const object = resolve(one);
    if (seen.has(object)) return [];
    seen.add(object);
    return fieldsOf(object).flatMap(field => [field.name, ...fieldNames(field.property, seen)]);
  });
}

/** The fields of a schema, one a row; those of inner objects are opened by a click. */
export function schemaView(raw) {
  const plain = objectsIn(raw)[0] === raw;
  return el(
    "div",
    {},
    plain ? null : [el("span", { class: "type" }, typeText(raw)), " ", el("span", { class: "note" }, limitsText(raw))],
    fieldsView(raw),
  );
}

function fieldsView(raw) {
  const objects = objectsIn(raw);
  return objects.map(one => [
    objects.length > 1 ? el("div", { class: "variant" }, titleOf(one)) : null,
    fieldsOf(resolve(one)).map(fieldView),
  ]);
}

/** Limits and what is said of a field or parameter, in one line. */
export function noteView(schema, description) {
  const limits = limitsText(schema);
  return el(
    "span",
    { class: "note" },
    limits,
    limits && description ? " · " : "",
    description ? inline(description) : "",
  );
}

function fieldView({ name, property, required }) {
  const line = [
    el("span", { class: "name mono" }, name),
    required ? el("span", { class: "req", title: "required" }, " *") : "",
    " ",
    el("span", { class: "type" }, typeText(property)),
    " ",
    noteView(property, property.description || resolve(property).description),
  ];
  return el(
    "div",
    { class: "row" },
    objectsIn(property).length ? lazy({}, line, () => el("div", {}, fieldsView(property))) : line,
  );
}

// Values that fields of these names have in the demo region.
const USUAL = {
  region: "46",
  municipality: "38701000",
  lat: 51.73,
  lon: 36.19,
  text: "Яма на дороге у дома 5",
  address: "г. Курск, ул. Ленина, 5",
  email: "ivanova@example.org",
  phone: "+7 910 123-45-67",
  reason: "По уточнённым данным",
  purpose: "Проверка жалобы",
  name: "Дороги",
  question: "Уточните, пожалуйста, номер дома",
  comment: "Спасибо",
  code: "roads",
  group: "roads",
  topic: "roads",
};

const USUAL_TEXTS = ["46", "38701000", "09:00", "roads", "2026-12-01"];

/** A value to begin with: examples of the document first, required fields only where some are required. */
export function example(raw, name = "", depth = 0) {
  const schema = resolve(raw),
    choice = variants(schema);
  const given = [raw.example, schema.example, (schema.examples || [])[0], schema.default].find(
    value => value !== undefined && value !== null,
  );
  if (given !== undefined) return given;
  if (choice) return choice.list.length ? example(choice.list[0], name, depth) : null;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.prefixItems) return schema.prefixItems.map(item => example(item, name, depth + 1));
  if (schema.type === "array")
    return Array.from({ length: depth > 5 ? 0 : schema.minItems || 1 }, () =>
      example(schema.items || {}, name.replace(/s$/, ""), depth + 1),
    );
  if (schema.type === "object" || schema.properties) return exampleObject(schema, depth);
  return exampleScalar(schema, name);
}

function exampleObject(schema, depth) {
  if (depth > 5) return {};
  const fields = fieldsOf(schema).filter(field => schema.properties && field.name in schema.properties);
  const chosen = fields.some(field => field.required) ? fields.filter(field => field.required) : fields;
  return Object.fromEntries(chosen.map(field => [field.name, example(field.property, field.name, depth + 1)]));
}

function exampleScalar(schema, name) {
  const usual = USUAL[name],
    type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "integer" || type === "number")
    return typeof usual === "number"
      ? usual
      : (schema.minimum ?? (schema.exclusiveMinimum === undefined ? 1 : schema.exclusiveMinimum + 1));
  if (type === "boolean") return true;
  if (type !== "string") return null;
  if (schema.format === "date-time") return new Date().toISOString();
  if (schema.format === "date") return new Date().toISOString().slice(0, 10);
  if (schema.format === "uuid") return "0190a6f0-0000-7000-8000-000000000000";
  const fits = text =>
    new RegExp(schema.pattern || "", "u").test(text) &&
    text.length >= (schema.minLength || 0) &&
    text.length <= (schema.maxLength || Infinity);
  return (
    [usual, "", "x".repeat(schema.minLength || 0), ...USUAL_TEXTS].find(
      text => typeof text === "string" && fits(text),
    ) ?? ""
  );
}
