// What the web server's configuration that is shipped does with clients that are slow, silent or send
// too much: with a server of its own here, which is as patient as a test can wait for.
import assert from 'node:assert/strict';
import net from 'node:net';
import test, { after, before } from 'node:test';
import { server, stack } from '../harness/client.mjs';

const PATIENCE_S = 2;
const SOON_MS = 15000; // a server looks at its connections now and then, on a busy machine later
let port;

before(() => {
    port = stack('stack_free_port && echo "$STACK_PORT"');
    stack(`mkdir -p "$STACK_RUN/slow" "$STACK_LOG/slow" && stack_give "$STACK_RUN/slow" "$STACK_LOG/slow"
        STACK_RUN=$STACK_RUN/slow STACK_LOG=$STACK_LOG/slow STACK_PATIENCE=${PATIENCE_S}
        STACK_PROCESSES=1 STACK_SANDBOX_PROCESSES=1 STACK_THREADS=8
        "stack_$STACK_SERVER" slow ${port} "$STACK_AMP" "$STACK_RUN"
        STACK_PORT=${port} && stack_wait_up slow 30 stack_ready`);
});

after(() => stack('stack_end slow 15; rm -rf "$STACK_RUN/slow"'));

// Sends the head, then the drops one each half second, and waits for the end, or until `leave` aborts
// it: {text, ms}, with ms from the head on.
function converse(head, drops = '', leave = undefined) {
    return new Promise((resolve, reject) => {
        const start = Date.now();
        const parts = [];
        let sent = 0;
        const socket = net.connect(Number(port), '127.0.0.1', () => socket.write(head));
        const drip = setInterval(() => sent < drops.length && socket.writable && socket.write(drops[sent++]), 500);
        const limit = setTimeout(() => socket.destroy(new Error('was not cut off')), SOON_MS);
        leave?.addEventListener('abort', () => socket.destroy());
        socket.on('data', (part) => parts.push(part));
        socket.on('error', (e) => (e.code === 'ECONNRESET' || e.code === 'EPIPE' ? undefined : reject(e)));
        socket.on('close', () => {
            clearInterval(drip);
            clearTimeout(limit);
            resolve({ text: Buffer.concat(parts).toString(), ms: Date.now() - start });
        });
    });
}

const head = 'POST /v1/auth/login HTTP/1.1\r\nHost: amp\r\nContent-Type: application/json\r\n';
const whole = `${head}Connection: close\r\nContent-Length: 2\r\n\r\n{}`;

const isAnswered = async () => assert.match((await converse(whole)).text, /^HTTP\/1\.1 400 /);

// mod_fcgid says 500 of a body that did not come.
function isCutOff({ text, ms }) {
    assert.match(text, /^(HTTP\/1\.[01] (408|500) |$)/);
    assert.ok(ms >= PATIENCE_S * 900, `after ${ms} ms`);
}

test('who falls silent in the head or in the body of a request is cut off', async () => {
    for (const cut of await Promise.all([converse('POST /v1/auth'), converse(head),
        converse(`${head}Content-Length: 100\r\n\r\n`), converse(`${head}Content-Length: 100\r\n\r\n{`)]))
        isCutOff(cut);
    await isAnswered();
});

const drops = 'x'.repeat(1000);
const slowHead = `${head}X-Slow: `;
const slowBody = `${head}Content-Length: 1000\r\n\r\n`;

if (!server.waitsForDrops)
    test('who sends a byte at a time is cut off as well', async () => {
        for (const cut of await Promise.all([converse(slowHead, drops), converse(slowBody, drops)])) isCutOff(cut);
        await isAnswered();
    });

test('while many are silent or slow others are served: they hold no process of the program', async () => {
    const end = new AbortController();
    const waiting = Array.from({ length: 7 }, (_, i) => (i % 2 ? converse(slowHead, drops, end.signal)
        : converse(slowBody, drops, end.signal)));
    for (let i = 0; i < 5; i++) await isAnswered();
    end.abort();
    for (const { text } of await Promise.all(waiting)) assert.equal(text, '');
});

test('a head without end is refused before it is all there', async () => {
    const { text, ms } = await converse(`${head}${'X-More: yes\r\n'.repeat(20000)}`);
    assert.match(text, new RegExp(`^HTTP/1\\.[01] ${server.longHeaders.status} |^$`));
    assert.ok(ms < PATIENCE_S * 900, `after ${ms} ms`);
    await isAnswered();
});
