import type { CommandGroup, RegisteredCommand } from './command.ts';

export interface GroupDefinition {
  readonly name: string;
  readonly group: CommandGroup;
  /** One line of the help page. */
  readonly summary: string;
  /** In the order of the group's own help. */
  readonly commands: readonly RegisteredCommand[];
}

/** Commands under one word: `connector new`, `connector probe`. */
export function defineGroup({ name, group, summary, commands }: GroupDefinition): RegisteredCommand {
  return {
    name,
    group,
    summary,
    register: (program, shell, onEnd, onError) => {
      const parent = program.command(name).description(`${summary}.`);
      for (const command of commands) command.register(parent, shell, onEnd, onError);
    },
  };
}
