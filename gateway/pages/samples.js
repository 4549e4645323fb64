// A request as a program would send it.

const quote = text => "'" + text.replaceAll("'", "'\\''") + "'";
const indent = (text, by) => text.replaceAll("\n", "\n" + by);

function curl({ method, url, headers, body }) {
  const parts = [
    `curl -X ${method} ${quote(url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H "${name}: ${value.replaceAll('"', '\\"')}"`),
  ];
  if (body) parts.push(`--data-binary ${quote(body)}`);
  return parts.join(" \\\n  ");
}

function python({ method, url, headers, body }) {
  const lines = [
    "import os",
    "",
    "import requests",
    "",
    "answer = requests.request(",
    `    "${method}",`,
    `    ${JSON.stringify(url)},`,
  ];
  lines.push(
    "    headers={",
    ...Object.entries(headers).map(([name, value]) => `        "${name}": ${pythonText(value)},`),
    "    },",
  );
  const data = headers["Content-Type"] === "application/json" ? parsed(body) : undefined;
  if (data !== undefined) lines.push(`    json=${literal(data, "    ")},`);
  else if (body) lines.push(`    data=${JSON.stringify(body)}.encode(),`);
  return [...lines, "    timeout=30,", ")", "answer.raise_for_status()", "print(answer.json())"].join("\n");
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  } // somebody is still typing
}

function literal(value, pad) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const items = Object.entries(value).map(
    ([key, item]) =>
      pad + "    " + (open === "{" ? JSON.stringify(key) + ": " : "") + literal(item, pad + "    ") + ",\n",
  );
  return items.length ? open + "\n" + items.join("") + pad + close : open + close;
}

const pythonText = value =>
  value.includes("$TOKEN") ? `f"${value.replace("$TOKEN", "{os.environ['TOKEN']}")}"` : JSON.stringify(value);

function javascript({ method, url, headers, body }) {
  const shown = Object.entries(headers).map(
    ([name, value]) =>
      `    "${name}": ${value.includes("$TOKEN") ? "`" + value.replace("$TOKEN", "${process.env.TOKEN}") + "`" : JSON.stringify(value)},`,
  );
  const lines = [
    `const answer = await fetch(${JSON.stringify(url)}, {`,
    `  method: "${method}",`,
    "  headers: {",
    ...shown,
    "  },",
  ];
  if (body)
    lines.push(
      headers["Content-Type"] === "application/json"
        ? `  body: JSON.stringify(${indent(body, "  ")}),`
        : `  body: ${JSON.stringify(body)},`,
    );
  return [
    ...lines,
    "});",
    "if (!answer.ok) throw new Error(await answer.text());",
    "console.log(await answer.json());",
  ].join("\n");
}

/** Language → text of the program. The token stays out of it: it is read from the environment. */
export const SAMPLES = { curl, Python: python, JavaScript: javascript };
