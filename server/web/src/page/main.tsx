// SPDX-License-Identifier: Apache-2.0
import './style/base.css';
import './style/shell.css';
import './style/chat.css';
import './style/dialogs.css';
import { render } from 'preact';
import { App } from './app';
import { start } from './state';

void start().then(() => render(<App />, document.getElementById('app')!));
