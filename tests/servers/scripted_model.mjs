#!/usr/bin/env node
// A scripted chat model behind an OpenAI-compatible endpoint: for tests and measurements of readers.
//
//   node scripted_model.mjs [--port N] [--oracle FILE] [--seed N] [--KNOB VALUE]...
//
// Prints "listening on PORT" to stdout; port 0 (the default) picks one. Ends on SIGTERM and SIGINT.
//
// Oracle: FILE holds wanted sentences in JSON: an array of strings, or an object whose keys are
// parts of questions and whose values are such arrays (the arrays of all keys that the prompt's
// question holds are wanted). To a prompt with a passage the model says those wanted sentences that
// the passage holds, one per line, else "None"; to a prompt with evidence, an answer that cites it.
//
// Knobs, by flag (--latency_ms 50) and by POST /control ({"latency_ms": 50}; the new values come
// back; {"reset_stats": true} zeroes the counts and {"oracle": ...} replaces the oracle):
//   latency_ms, jitter_ms   before a reply
//   error_rate              share of calls that get HTTP 500
//   rate_429                ... HTTP 429 with Retry-After: retry_after_s
//   hang_rate               ... no reply at all, until the client goes
//   reset_rate              ... a TCP reset
//   truncate_rate           ... a body that ends half way
//   bad_json_rate           ... a body that is not JSON
//   empty_rate              ... an empty reply of the model
//   invented_rate           ... a made-up sentence beside what it should say
//   trickle                 bytes per piece of a body sent slowly, 0: at once
//   think                   1: a <think> block goes before the reply
//   require_key             the key that calls must bring, else HTTP 401
// Which fault a call gets depends on the seed, the prompt and how often that prompt came, so it is
// the same in every run, whatever the order of the calls.
//
// GET /stats: calls, in_flight, max_concurrency, aborted, connections, by outcome. GET /v1/models.

import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';

const maxBodyBytes = 16 << 20;

const knobs = {
  latency_ms: 0, jitter_ms: 0, error_rate: 0, rate_429: 0, retry_after_s: 1, hang_rate: 0,
  reset_rate: 0, truncate_rate: 0, bad_json_rate: 0, empty_rate: 0, invented_rate: 0, trickle: 0,
  think: 0, require_key: '', seed: 1,
};
// In this order a draw between 0 and 1 falls on a fault, or on none.
const faultKnobs = {
  error_rate: 'error', rate_429: 'limited', hang_rate: 'hang', reset_rate: 'reset',
  truncate_rate: 'truncated', bad_json_rate: 'bad_json', empty_rate: 'empty',
  invented_rate: 'invented',
};

let oracle = [];
let stats = newStats(0);
const timesSeen = new Map();  // prompt digest -> how often it came

function newStats(inFlight) {
  return {calls: 0, in_flight: inFlight, max_concurrency: inFlight, aborted: 0, connections: 0,
          prompt_tokens: 0, completion_tokens: 0, outcomes: {}};
}

function fail(message) {
  process.stderr.write(`scripted_model: ${message}\n`);
  process.exit(2);
}

/** Throws a message that says which value is wrong. */
function setKnob(name, value) {
  if (!Object.hasOwn(knobs, name)) throw new Error(`unknown knob '${name}'`);
  if (typeof knobs[name] === 'string') {
    knobs[name] = String(value);
    return;
  }
  const number = Number(value);
  if (value === '' || !Number.isFinite(number) || number < 0) {
    throw new Error(`${name} must be a number of at least 0, not '${value}'`);
  }
  knobs[name] = number;
}

function setOracle(value) {
  const isList = list => Array.isArray(list) && list.every(item => typeof item === 'string');
  const isMap = value !== null && typeof value === 'object' && Object.values(value).every(isList);
  if (!isList(value) && !isMap) {
    throw new Error('an oracle is an array of strings, or an object of such arrays');
  }
  oracle = value;
}

function parseArguments(args) {
  let port = 0;
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i].replace(/^--/, '');
    const value = args[i + 1];
    if (!args[i].startsWith('--') || value === undefined) fail(`'${args[i]}' needs a value`);
    try {
      if (name === 'port') {
        port = Number(value);
        if (!Number.isInteger(port) || port < 0 || port > 65535) fail(`no port: '${value}'`);
      } else if (name === 'oracle') {
        setOracle(JSON.parse(readFileSync(value, 'utf8')));
      } else {
        setKnob(name.replaceAll('-', '_'), value);
      }
    } catch (error) {
      fail(`--${name}: ${error.message}`);
    }
  }
  return port;
}

/** Numbers in [0, 1) that depend on nothing but the arguments. */
function draw(...parts) {
  const digest = createHash('sha256').update(parts.join('\0')).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

function chooseFault(digest, attempt) {
  let left = draw(knobs.seed, 'fault', digest, attempt);
  for (const [knob, fault] of Object.entries(faultKnobs)) {
    if (left < knobs[knob]) return fault;
    left -= knobs[knob];
  }
  return 'ok';
}

function promptOf(body) {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  return messages.map(({content}) => {
    if (typeof content === 'string') return content;
    return Array.isArray(content) ? content.map(part => part?.text ?? '').join('') : '';
  }).join('\n');
}

const normal = text => text.replace(/\s+/g, ' ').trim();

function wantedFor(prompt) {
  if (Array.isArray(oracle)) return oracle;
  const question = normal(/^Question: (.*?)$/ms.exec(prompt)?.[1] ?? prompt).toLowerCase();
  return Object.entries(oracle)
      .filter(([part]) => question.includes(normal(part).toLowerCase()))
      .flatMap(([, sentences]) => sentences);
}

function say(prompt, fault, digest) {
  if (fault === 'empty') return '';
  const lines = [];
  const passage = /<(passage[-\d]*)>\n([\s\S]*)\n<\/\1>/.exec(prompt)?.[2];
  const evidence = [...prompt.matchAll(/<(evidence[-\d]*) id="([^"]*)">\n([\s\S]*?)\n<\/\1>/g)];
  if (passage === undefined && evidence.length > 0) {
    lines.push(...evidence.map(([, , id, text]) => `${normal(text)} [${id}]`));
  } else {
    const text = normal(passage ?? prompt);
    lines.push(...wantedFor(prompt).map(normal).filter(sentence => text.includes(sentence)));
  }
  if (fault === 'invented') {
    lines.push(`The invented fact number ${digest.slice(0, 8)} is written nowhere at all.`);
  }
  const thought = knobs.think ? '<think>\nLet me see what the passage says.\n</think>\n\n' : '';
  return thought + (lines.length > 0 ? lines.join('\n') : 'None');
}

const estimateTokens = text => Math.ceil(Buffer.byteLength(text) / 4);

function sendJson(response, status, value, headers = {}) {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), ...headers});
  response.end(text);
}

const sendError = (response, status, message, headers) =>
    sendJson(response, status, {error: {message, type: 'scripted', code: status}}, headers);

function readBody(request) {
  return new Promise((resolve, reject) => {
    const pieces = [];
    let size = 0;
    request.on('data', piece => {
      size += piece.length;
      if (size > maxBodyBytes) reject(new Error('the request is too large'));
      else pieces.push(piece);
    });
    request.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('the client went')));
  });
}

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

async function sendSlowly(response, text, {isGone, end}) {
  const bytes = Buffer.from(text);
  response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': bytes.length});
  let pos = 0;
  for (; pos + knobs.trickle < bytes.length && !isGone(); pos += knobs.trickle) {
    response.write(bytes.subarray(pos, pos + knobs.trickle));
    await sleep(5);
  }
  end();
  response.end(bytes.subarray(pos));
}

async function sendCompletion(response, body, prompt, fault, digest, call) {
  const content = say(prompt, fault, digest);
  const usage = {prompt_tokens: estimateTokens(prompt), completion_tokens: estimateTokens(content)};
  usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
  stats.prompt_tokens += usage.prompt_tokens;
  stats.completion_tokens += usage.completion_tokens;
  const text = JSON.stringify({
    id: `chatcmpl-${digest.slice(0, 12)}`, object: 'chat.completion', created: 0,
    model: body.model ?? 'scripted',
    choices: [{index: 0, message: {role: 'assistant', content}, finish_reason: 'stop'}], usage});
  const length = Buffer.byteLength(text);
  if (fault === 'truncated') {
    response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': length});
    response.write(text.slice(0, text.length >> 1), () => response.destroy());
  } else if (fault === 'bad_json') {
    response.writeHead(200, {'Content-Type': 'application/json'});
    response.end(text.slice(0, text.length >> 1));
  } else if (knobs.trickle > 0) {
    await sendSlowly(response, text, call);
  } else {
    response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': length});
    response.end(text);
  }
}

async function complete(request, response) {
  stats.calls += 1;
  stats.in_flight += 1;
  stats.max_concurrency = Math.max(stats.max_concurrency, stats.in_flight);
  let ended = false;
  let deliberate = false;  // this end of the connection is ours
  const end = () => {
    if (ended) return;
    ended = true;
    stats.in_flight -= 1;
  };
  let clientGone = false;
  response.on('close', () => {
    if (!response.writableEnded && !deliberate) {
      clientGone = true;
      stats.aborted += 1;
    }
    end();
  });

  let body;
  try {
    body = JSON.parse(await readBody(request));
  } catch (error) {
    if (!clientGone) sendError(response, 400, `not a request: ${error.message}`);
    return;
  }
  if (knobs.require_key && request.headers.authorization !== `Bearer ${knobs.require_key}`) {
    sendError(response, 401, 'wrong key');
    return;
  }
  const prompt = promptOf(body ?? {});
  const digest = createHash('sha256').update(prompt).digest('hex');
  const attempt = timesSeen.get(digest) ?? 0;
  timesSeen.set(digest, attempt + 1);
  const fault = chooseFault(digest, attempt);
  stats.outcomes[fault] = (stats.outcomes[fault] ?? 0) + 1;

  const jitter = knobs.jitter_ms * draw(knobs.seed, 'jitter', digest, attempt);
  if (knobs.latency_ms + jitter > 0) await sleep(knobs.latency_ms + jitter);
  if (clientGone || fault === 'hang') return;
  deliberate = fault === 'reset' || fault === 'truncated';
  // Before the last byte: after it the client may call again at once.
  if (knobs.trickle === 0) end();
  if (fault === 'error') {
    sendError(response, 500, 'scripted error');
  } else if (fault === 'limited') {
    sendError(response, 429, 'scripted limit', {'Retry-After': String(knobs.retry_after_s)});
  } else if (fault === 'reset') {
    request.socket.resetAndDestroy();
  } else {
    await sendCompletion(response, body ?? {}, prompt, fault, digest, {isGone: () => clientGone, end});
  }
}

async function control(request, response) {
  try {
    const changes = JSON.parse(await readBody(request) || '{}');
    for (const [name, value] of Object.entries(changes)) {
      if (name === 'oracle') {
        setOracle(value);
      } else if (name === 'reset_stats') {
        stats = newStats(stats.in_flight);
        timesSeen.clear();
      } else {
        setKnob(name, value);
      }
    }
    sendJson(response, 200, knobs);
  } catch (error) {
    sendError(response, 400, error.message);
  }
}

const port = parseArguments(process.argv.slice(2));
const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://localhost').pathname.replace(/\/+$/, '');
  const route = `${request.method} ${path}`;
  if (route === 'POST /v1/chat/completions' || route === 'POST /chat/completions') {
    complete(request, response).catch(error => {
      process.stderr.write(`scripted_model: ${error.stack}\n`);
      response.destroy();
    });
  } else if (route === 'POST /control') {
    control(request, response);
  } else if (route === 'GET /stats') {
    sendJson(response, 200, stats);
  } else if (route === 'GET /v1/models') {
    sendJson(response, 200, {object: 'list', data: [{id: 'scripted', object: 'model'}]});
  } else {
    sendError(response, 404, `nothing at ${route}`);
  }
});
server.keepAliveTimeout = 60_000;
server.on('connection', () => {
  stats.connections += 1;
});
server.on('error', error => fail(error.message));
server.listen(port, '127.0.0.1', () => {
  process.stdout.write(`listening on ${server.address().port}\n`);
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
