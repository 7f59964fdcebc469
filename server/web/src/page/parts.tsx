// SPDX-License-Identifier: Apache-2.0
import { signal } from '@preact/signals';
import { Users, X } from 'lucide-preact';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { dialog } from './app';
import { me, versions } from './state';
import { hueOf, titleOf } from './words';
import type { Id, View } from '../msg';

function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.map((word) => [...word].find((c) => /[\p{L}\p{N}]/u.test(c)) ?? '');
  return (letters.length > 1 ? letters[0]! + letters.at(-1)! : letters[0] ?? '?').toUpperCase();
}

export function Avatar(props: { id: Id; name: string; size: number; group?: boolean;
  presence?: boolean }) {
  versions.presence.value;
  const state = props.presence ? me().people.presence.get(props.id)?.state : undefined;
  const box = { width: props.size, height: props.size, fontSize: Math.round(props.size * 0.38) };
  return (
    <span class={`avatar hue-${hueOf(props.id)}`} style={box} aria-hidden="true">
      {props.group ? <Users size={Math.round(props.size * 0.46)} /> : initials(props.name)}
      {(state === 'online' || state === 'away') && <span class={`dot ${state}`} />}
    </span>
  );
}

export function ViewAvatar({ view, size }: { view: View; size: number }) {
  const peer = me().model.peerOf(view);
  return <Avatar id={peer ?? view.conversation.id} name={titleOf(view)} size={size}
    group={!peer} presence={peer !== null} />;
}

export function IconButton(props: { label: string; onClick: (event: MouseEvent) => void;
  children: ComponentChildren; class?: string; expanded?: boolean; disabled?: boolean }) {
  return (
    <button type="button" class={`icon-button ${props.class ?? ''}`} aria-label={props.label}
      title={props.label} onClick={props.onClick} disabled={props.disabled}
      aria-expanded={props.expanded}>
      {props.children}
    </button>
  );
}

/** One at a time; gives the focus back where it was. */
export function Dialog({ title, children }: { title: string; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current!.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog ref={ref} aria-label={title} onClose={closeDialog}
      onClick={(event) => event.target === ref.current && closeDialog()}>
      <div class="dialog">
        <header>
          <h2>{title}</h2>
          <IconButton label="Close" onClick={closeDialog}><X /></IconButton>
        </header>
        <div class="dialog-body">{children}</div>
      </div>
    </dialog>
  );
}

export function closeDialog(): void {
  dialog.value = null;
}

export interface MenuItem {
  text: string;
  icon: JSX.Element;
  danger?: boolean;
  act: () => void;
}

interface OpenMenu {
  items: (MenuItem | '-')[];
  x: number;
  y: number;
  top?: JSX.Element;
  closed?: () => void;
}

export const menu = signal<OpenMenu | null>(null);

export function openMenu(at: MouseEvent | HTMLElement, items: (MenuItem | '-')[],
  more: { top?: JSX.Element; closed?: () => void } = {}): void {
  const target = at instanceof HTMLElement ? at : (at.currentTarget as HTMLElement);
  const box = target.getBoundingClientRect();
  const pointed = at instanceof MouseEvent && at.type === 'contextmenu';
  menu.value = { items, x: pointed ? at.clientX : box.left, y: pointed ? at.clientY : box.bottom + 4,
    ...more };
}

export function closeMenu(): void {
  const open = menu.value;
  menu.value = null;
  open?.closed?.();
}

export function MenuLayer() {
  const open = menu.value;
  return open && <Menu key={`${open.x},${open.y}`} open={open} />;
}

function Menu({ open }: { open: OpenMenu }) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const box = ref.current!;
    const { width, height } = box.getBoundingClientRect();
    box.style.left = `${Math.max(8, Math.min(open.x, innerWidth - width - 8))}px`;
    const below = open.y + height <= innerHeight - 8;
    box.style.top = `${below ? open.y : Math.max(8, open.y - height - 8)}px`;
    box.querySelector('button')?.focus();
    return () => before?.focus?.({ preventScroll: true });
  }, []);
  useEffect(() => {
    addEventListener('resize', closeMenu);
    return () => removeEventListener('resize', closeMenu);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...ref.current!.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') closeMenu();
    else if (step) buttons[(at + step + buttons.length) % buttons.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <div class="scrim" onClick={closeMenu} onContextMenu={(event) => {
        event.preventDefault();
        closeMenu();
      }} />
      <div class="menu" role="menu" ref={ref} onKeyDown={onKeyDown}>
        {open.top}
        {open.items.map((item) => item === '-' ? <hr /> : (
          <button type="button" role="menuitem" class={item.danger ? 'danger' : ''}
            onClick={() => {
              closeMenu();
              item.act();
            }}>
            {item.icon}{item.text}
          </button>
        ))}
      </div>
    </>
  );
}
