import type { Run } from '../../ledger/ledger.ts';
import { isOpen } from '../following/run-snapshot.ts';
import type { Theme } from '../output/theme.ts';

/** A run's state in words, with its mark: `✓ completed`, `● running`, `✗ failed`. */
export function stateLabel({ state, sweep }: Pick<Run, 'state' | 'sweep'>, theme: Theme): string {
  if (sweep?.state === 'waiting' && isOpen(state)) return theme.warning('⏸ waits for you');
  const words = state.replaceAll('-', ' ');
  switch (state) {
    case 'completed':
      return theme.good(`✓ ${words}`);
    case 'completed-with-rejections':
      return theme.warning(`✓ ${words}`);
    case 'requested':
      return theme.faint('○ starting');
    case 'running':
      return theme.good(`● ${words}`);
    case 'paused':
      return theme.warning('⏸ paused');
    case 'cancelled':
      return theme.warning(`■ ${words}`);
    case 'failed':
    case 'books-open':
    case 'abandoned':
      return theme.bad(`✗ ${words}`);
  }
}
