// LoginPanel: asks for the token where the server wants one. Nothing of it is kept here.

import {h, refill} from './element.js';
import {field} from './fields.js';
import {signIn} from './sign_in.js';

export class LoginPanel {
  constructor(app) {
    this.app = app;
    this.token = h('input', {type: 'password', name: 'token', autocomplete: 'current-password',
                             spellcheck: 'false', required: true});
    this.problem = h('p', {class: 'problem', role: 'alert'});
    this.element = h('form', {class: 'slip login', hidden: true, onsubmit: event => {
      event.preventDefault();
      this.submit();
    }},
      h('h2', {}, 'This library asks for a token'),
      h('p', {}, 'Whoever runs the server makes one with ', h('code', {}, 'callslip token'), '.'),
      // Keepers of passwords look for a name.
      h('input', {type: 'text', name: 'username', autocomplete: 'username', value: 'callslip', hidden: true}),
      h('div', {class: 'ask'}, field('Token', null, this.token),
        h('button', {type: 'submit', class: 'primary'}, 'Enter')), this.problem);
    app.connection.addEventListener('change', () => this.changed());
  }

  changed() {
    const locked = this.app.connection.state === 'locked';
    if (locked === !this.element.hidden) return;
    // While it connects after a login the panel stays, so that a refusal does not flicker.
    if (!locked && this.app.connection.state !== 'open') return;
    this.element.hidden = !locked;
    if (locked) this.token.focus();
  }

  async submit() {
    refill(this.problem);
    const problem = await signIn(this.token.value.trim());
    if (problem) {
      refill(this.problem, problem);
      this.token.select();
      return;
    }
    this.token.value = '';
    this.app.connection.retryNow();
  }
}
