// victims.mjs: for tests that kill: who may be killed, and a client that expects the worst.
import assert from 'node:assert/strict';
import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { baseUrl, stack } from './client.mjs';

export const random = (n) => Math.floor(Math.random() * n);
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// --- Victims ---

const out = stack('echo "$STACK_OUT"');
const pidOf = (name) => Number(readFileSync(`${out}/${name}.pid`, 'utf8').split(' ')[0]);

function programs() {
    const server = pidOf('lighttpd');
    const children = readFileSync(`/proc/${server}/task/${server}/children`, 'utf8').trim().split(' ');
    return children.map(Number).filter((pid) => {
        try {
            return ['amp', 'sandbox.fcgi'].includes(basename(readlinkSync(`/proc/${pid}/exe`)));
        } catch {
            return false; // it has ended meanwhile
        }
    });
}

function kill(pid) {
    try {
        process.kill(pid, 'SIGKILL');
    } catch (e) {
        assert.equal(e.code, 'ESRCH'); // it was faster
    }
}

// One of so many workers, or a process of the program or the sandbox behind the web server.
export function killProcess(workers) {
    if (random(2)) {
        kill(pidOf(`worker${1 + random(workers)}`));
        stack(`STACK_WORKERS=${workers} stack_workers_start`);
        return;
    }
    const victims = programs();
    if (victims.length) kill(victims[random(victims.length)]);
}

export function restartDatabase() {
    stack('pid=$(stack_pid mariadb) && kill -9 "$pid" && stack_wait 10 stack_gone "$pid" && stack_database_start');
}

// --- A client that expects the worst ---

// {status, body}; status 0 where no answer of the program came.
export async function call(key, method, path, body, headers) {
    try {
        const response = await fetch(baseUrl + path, {
            method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(20000),
            headers: {
                Authorization: `Bearer ${key}`, ...(body && { 'Content-Type': 'application/json' }), ...headers,
            },
        });
        const text = await response.text();
        if (!response.headers.get('x-request-id')) return { status: 0 };
        assert.notEqual(response.status, 500, text);
        return { status: response.status, body: JSON.parse(text) };
    } catch (e) {
        assert.notEqual(e.name, 'AssertionError', e.message);
        assert.notEqual(e.name, 'TimeoutError', `${method} ${path}`);
        return { status: 0 };
    }
}

export async function get(key, path) {
    for (;;) {
        const { status, body } = await call(key, 'GET', path);
        if (status === 200) return body;
        assert.ok(status === 0 || status === 503, `${path}: ${status}`);
        await pause(50);
    }
}
