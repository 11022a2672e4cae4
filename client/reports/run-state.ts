import type { RunState } from '../../engine/run.ts';
import type { Theme } from '../output/theme.ts';

/** A run's state in words, with its mark: `✓ completed`, `● running`, `✗ failed`. */
export function stateLabel(state: RunState, theme: Theme): string {
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
