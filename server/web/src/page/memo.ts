// SPDX-License-Identifier: Apache-2.0
import { Component, h } from 'preact';
import type { FunctionComponent } from 'preact';

/** A part that is drawn anew only when one of its properties is another one. */
export function memo<P extends object>(part: FunctionComponent<P>): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const keys = Object.keys(next) as (keyof P)[];
      return keys.some((key) => next[key] !== this.props[key]);
    }

    override render() {
      return h(part, this.props);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}
