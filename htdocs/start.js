// start.js: says on the start page whether the API is alive and can serve.
'use strict';

async function answers(path) {
    try {
        return (await fetch(path, { cache: 'no-store' })).ok;
    } catch {
        return false;
    }
}

async function state() {
    if (!await answers('/health')) return 'The API does not answer.';
    if (!await answers('/ready')) return 'The API is alive, but its database is not ready.';
    return 'The API is alive and ready.';
}

document.getElementById('origin').textContent = location.origin;
state().then((text) => { document.getElementById('state').textContent = text; });
