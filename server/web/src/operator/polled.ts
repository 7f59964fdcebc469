// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'preact/hooks';
import type { Rest } from '../msg';

/** What the server says there, asked for again and again; the last answer stays when none comes. */
export function usePolled<T>(rest: Rest, path: string, everyMs: number):
    { answer: T | null; error: string } {
  const [answer, setAnswer] = useState<T | null>(null);
  const [error, setError] = useState('');
  useEffect(() => {
    const read = () => rest.get<T>(path).then((found) => {
      setAnswer(found);
      setError('');
    }, (problem: Error) => setError(problem.message));
    void read();
    const timer = setInterval(() => void read(), everyMs);
    return () => clearInterval(timer);
  }, []);
  return { answer, error };
}
