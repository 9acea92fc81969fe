// Signing in and out: a token goes to the server once, which answers with a cookie that no script
// can read.

const same = {credentials: 'same-origin', cache: 'no-store'};

/** {needed, signed_in, may_write}; null: the server does not answer. */
export async function signInState() {
  try {
    const answer = await fetch('login', same);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

export async function asksForToken() {
  const state = await signInState();
  return state !== null && state.needed && !state.signed_in;
}

/** Why it did not work; empty: it did. */
export async function signIn(token) {
  try {
    const answer = await fetch('login', {...same, method: 'POST', body: JSON.stringify({token}),
                                         headers: {'Content-Type': 'application/json'}});
    return answer.ok ? '' : reasonOf(answer);
  } catch {
    return 'The server does not answer.';
  }
}

export async function signOut() {
  await fetch('logout', {...same, method: 'POST'}).catch(() => null);
}

async function reasonOf(answer) {
  if (answer.status === 401) return 'The server does not know this token.';
  if (answer.status === 429) return 'Too many tries: wait a little.';
  const {error} = await answer.json().catch(() => ({}));
  return error ?? `The server answered ${answer.status}.`;
}
