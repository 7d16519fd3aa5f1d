// schema.mjs: holds every answer, and every body that was accepted, against the OpenAPI document, so
// that neither can drift from the other.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

// What the web server or the frame may answer to any request; see the document's description.
const anywhere = [400, 404, 405, 408, 413, 414, 431];
const roots = ['/api/v1', '/v1'];

function load() {
    const done = spawnSync(process.env.AMP_BIN, ['openapi'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    assert.equal(done.status, 0, done.stderr);
    const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
    addFormats.default(ajv);
    const found = JSON.parse(done.stdout);
    ajv.addSchema(found, 'amp');
    return { document: found, ajv };
}

let loaded;
const all = () => (loaded ??= load());
export const document = () => all().document;

// What a reference of the document points to; anything else is itself.
export function resolve(object) {
    if (!object?.$ref) return object;
    return object.$ref.slice(2).split('/').reduce((at, key) => at[key.replaceAll('~1', '/')], document());
}

// Fails if the value is not what a schema of the document says.
export function conforms(value, schema, where) {
    const { ajv } = all();
    const validate = schema.$ref ? ajv.getSchema(`amp${schema.$ref}`) : ajv.compile(schema);
    assert.ok(validate, `${where}: no schema ${schema.$ref}`);
    assert.ok(validate(value), `${where}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value)}`);
}

// Operations as a list: {path, method, operation, versioned}.
export function operations() {
    return Object.entries(document().paths).flatMap(([path, item]) =>
        ['get', 'post', 'put', 'delete'].filter((method) => item[method]).map((method) => ({
            path, method: method.toUpperCase(), operation: item[method], versioned: !item.servers,
        })));
}

// --- Which operation is it? ---

const parametersOf = (item) => Object.values(item).flatMap((o) => o.parameters ?? []).map(resolve);

function segmentFits(template, segment, parameters) {
    if (!template.startsWith('{')) return template === segment;
    const parameter = parameters.find((p) => p.in === 'path' && p.name === template.slice(1, -1));
    return new RegExp(parameter.schema.pattern ?? '.').test(segment);
}

function pathFits(template, path, item) {
    const [wanted, given] = [template.split('/'), path.split('/')];
    return wanted.length === given.length
        && wanted.every((segment, i) => segmentFits(segment, given[i], parametersOf(item)));
}

// {versioned, path} of an address; undefined where it is none of the API's.
function place(url) {
    const { pathname } = new URL(url, 'http://localhost');
    const root = roots.find((r) => pathname === r || pathname.startsWith(`${r}/`));
    if (pathname.startsWith('/sandbox')) return undefined;
    return { versioned: root !== undefined, path: root ? pathname.slice(root.length) : pathname };
}

// The documented methods of a path, or undefined.
function methodsAt({ versioned, path }) {
    const items = Object.entries(document().paths)
        .filter(([template, item]) => versioned === !item.servers && pathFits(template, path, item));
    return items.length ? Object.assign({}, ...items.map(([, item]) => item)) : undefined;
}

// --- Checks ---

function checkHeaders(response, headers, where) {
    for (const [name, reference] of Object.entries(response.headers ?? {})) {
        const header = resolve(reference);
        const value = headers.get(name);
        if (header.required) assert.notEqual(value, null, `${where}: ${name} is missing`);
        if (value !== null && header.schema.type === 'integer') assert.match(value, /^[0-9]+$/, `${where}: ${name}`);
        if (value !== null) assert.match(value, new RegExp(header.schema.pattern ?? ''), `${where}: ${name}`);
    }
}

// A file: of one of the types that are named.
function checkFile(content, { headers, text }, where) {
    const type = headers.get('content-type').split(';')[0];
    assert.ok(content[type], `${where}: ${type} is not documented`);
    conforms(text, content[type].schema, where);
}

function checkResponse(method, reference, answer, where) {
    const { headers, text } = answer;
    const response = resolve(reference);
    if (response.content && !response.content['application/json']) {
        checkHeaders(response, headers, where);
        checkFile(response.content, answer, where);
        return;
    }
    const schema = response.content?.['application/json']?.schema;
    checkHeaders(response, headers, where);
    if (!schema || method === 'HEAD') assert.equal(text, '', where);
    else conforms(JSON.parse(text), schema, where);
}

function checkRequest(operation, body, where) {
    const schema = operation.requestBody?.content['application/json'].schema;
    if (!schema || body === undefined || typeof body === 'string' || body instanceof Uint8Array) return;
    conforms(body, schema, `${where}, its request`);
}

// Is this what the document says of such a request?
export function checkDocumented(method, url, body, answer) {
    const at = place(url);
    if (!at) return;
    const where = `${method} ${url}: ${answer.status}`;
    const methods = methodsAt(at);
    const operation = methods?.[method === 'HEAD' ? 'get' : method.toLowerCase()];
    const response = operation?.responses[answer.status];
    if (response) {
        checkResponse(method, response, answer, where);
        if (answer.status < 300) checkRequest(operation, body, where);
        return;
    }
    if (methods && method === 'OPTIONS' && answer.status === 204) return;
    assert.ok(anywhere.includes(answer.status), `${where} is not documented`);
    assert.ok(operation || !methods || answer.status !== 404, `${where}: the document knows this path`);
    if (answer.text) conforms(JSON.parse(answer.text), { $ref: '#/components/schemas/error' }, where);
}
