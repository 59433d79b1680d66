// custom_resources.mjs FOLDER: reads a JSON array of custom resources from standard input and checks each against the schema
// of its kind, which packages in FOLDER carry. These schemas let unknown fields pass, as a cluster would drop them; so what
// the check never looked at counts as unknown.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const packages = {
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
  "cert-manager.io": "@kubernetes-models/cert-manager",
};

/** The value, and after use those of its paths that nobody has read. */
function watched(value, at, unread) {
  if (value === null || typeof value !== "object") return value;
  const inner = Object.entries(value).map(([key, item]) => {
    const here = `${at}.${key}`;
    unread.add(here);
    return [key, watched(item, here, unread)];
  });
  const copy = Array.isArray(value) ? inner.map(([, item]) => item) : Object.fromEntries(inner);
  return new Proxy(copy, {
    get(target, key, receiver) {
      unread.delete(`${at}.${String(key)}`);
      return Reflect.get(target, key, receiver);
    },
  });
}

async function check(resource) {
  const [group, version] = resource.apiVersion.split("/");
  const file = path.resolve(process.argv[2], "node_modules", packages[group], group, version, `${resource.kind}.js`);
  const model = (await import(pathToFileURL(file)))[resource.kind];
  const unread = new Set();
  // Not on an instance: its constructor makes a copy, for which it reads everything.
  model.prototype.validate.call(watched(resource, resource.kind, unread));
  if (unread.size) throw new Error(`unknown: ${[...unread].join(", ")}`);
}

let failed = false;
for (const resource of JSON.parse(readFileSync(0, "utf8"))) {
  const name = `${resource.kind} ${resource.metadata?.name}`;
  await check(resource).catch((error) => {
    console.error(`${name}: ${error.message}`);
    failed = true;
  });
}
process.exit(failed ? 1 : 0);
