import type { Target, WriteAbility } from '../connectors/ports.ts';

/** The target, with the jobs that its sync wants to write by. What it takes by jobs alone goes by them whatever the sync says; and jobs that were made are asked about. */
export function withWantedJobs(target: Target, wanted: boolean | undefined): Target {
  const abilities = Object.entries(target.abilities);
  if (!abilities.some(([, { jobs }]) => jobs !== undefined)) return target;
  return { ...target, abilities: Object.fromEntries(abilities.map(([kind, ability]) => [kind, isWanted(ability, wanted) ? ability : withoutJobs(ability)])) };
}

function isWanted({ jobs, maxRecords }: WriteAbility, wanted: boolean | undefined): boolean {
  return maxRecords === 0 || (wanted ?? jobs?.isWhenAsked !== true);
}

function withoutJobs({ jobs: _, ...ability }: WriteAbility): WriteAbility {
  return ability;
}
