// installation.mjs: AMP with a configuration and a database of its own beside the stack, so that
// nobody else's worker takes its work.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { run, sql } from './client.mjs';

const prompts = resolve(dirname(new URL(import.meta.url).pathname), '../../lib/llm/prompts');
const owner = statSync(process.env.AMP_CONFIG);
const asOwner = process.getuid() === 0 ? { uid: owner.uid, gid: owner.gid } : {};

// A database and a folder for installations; remove() ends both, and workers that a failed test has
// left. The prompts are copied: whom workers run as need not be able to read the checkout.
export function newSite(name) {
    const home = mkdtempSync(join(tmpdir(), `amp-${name}-`));
    cpSync(prompts, join(home, 'prompts'), { recursive: true });
    const workers = new Set();
    const database = `amp_${name}_${process.pid}`;
    sql(`CREATE DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;`
        + `GRANT ALL ON ${database}.* TO amp@localhost, amp_owner@localhost;`);
    const remove = () => {
        for (const child of workers) child.kill('SIGKILL');
        sql(`DROP DATABASE ${database}; REVOKE ALL ON ${database}.* FROM amp@localhost, amp_owner@localhost;`);
        rmSync(home, { recursive: true });
    };
    return { home, database, workers, remove };
}

// A process `amp work …`: {child, log(), ended}, with ended the promise of its status. Not spawnSync():
// who answers it may live in this process.
function startWorker(site, config, args) {
    const child = spawn(process.env.AMP_BIN, ['work', ...args],
        { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], ...asOwner, env: { ...process.env, AMP_CONFIG: config } });
    site.workers.add(child);
    let log = '';
    child.stderr.on('data', (text) => { log += text; });
    const ended = new Promise((done) => child.on('close', (status, signal) => {
        site.workers.delete(child);
        done(status ?? signal);
    }));
    return { child, log: () => log, ended };
}

// An installation at a site, with these settings on top of the stack's; its commands.
export function install(site, settings, mode = 'live') {
    const common = readFileSync(process.env.AMP_CONFIG, 'utf8')
        .replace(/^name = .*$/m, `name = ${site.database}`)
        .replace(/^shm_path = .*$/m, `shm_path = ${site.home}/amp.shm`)
        .replace(settings.includes('poll_ms') ? /^poll_ms = .*$/m : '', ''); // nothing may be set twice
    const config = join(site.home, `${randomBytes(4).toString('hex')}.conf`);
    writeFileSync(config, `${common}\n[llm]\nprompts = ${site.home}/prompts\nbreaker_pause_s = 1\n${settings}`);
    if (process.getuid() === 0) for (const path of [site.home, config]) chownSync(path, owner.uid, owner.gid);
    const command = (args, input) => {
        const done = run(args, { input, env: { AMP_CONFIG: config } });
        assert.equal(done.status, 0, `amp ${args.join(' ')}: ${done.stdout}${done.stderr}`);
        return done;
    };
    command(['migrate']);
    const tenant = JSON.parse(command(['tenant', 'create', '--name', 'A tenant', '--json']).stdout);
    const { key } = JSON.parse(command(['key', 'create', '--tenant', tenant.id, '--mode', mode, '--json']).stdout);
    const request = (method, path, body) => {
        const args = ['request', method, `/api/v1${path}`, '--key', key];
        if (body) args.push('--body-stdin');
        const { stdout } = command(args, body && JSON.stringify(body));
        const answer = stdout.slice(stdout.indexOf('\r\n\r\n')).trim();
        return answer ? JSON.parse(answer) : null;
    };
    const startWork = (...args) => startWorker(site, config, args);
    const work = async () => {
        const worker = startWork('--once');
        const late = setTimeout(() => worker.child.kill('SIGKILL'), 60000);
        const status = await worker.ended;
        clearTimeout(late);
        assert.equal(status, 0, `amp work: ${status} ${worker.log()}`);
        return worker.log();
    };
    return { request, work, startWork, tenant };
}
