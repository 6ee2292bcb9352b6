import { FlotillaError, messageOf } from '@flotilla/kernel';
import type { Command } from 'commander';
import { EXIT } from '../cli.errors.js';
import type { CliContext } from '../context.js';
import { existingArgument, setArguments } from './appset-inputs.js';
import { type PlanOptions, planSets } from './appset-plan.js';

export function diffCommand(appset: Command, context: CliContext): void {
  existingArgument(setArguments(appset.command('diff [name]')))
    .description('unified diff of the applications a set would create, change and delete; exit code 1 when they differ, 2 on an error')
    .action(async (name: string | undefined, options: PlanOptions) => {
      process.exitCode = await diffSets(context, name, options);
    });
}

/** As `kubectl diff` exits: what 1 means must not be said by an error too. */
async function diffSets(context: CliContext, name: string | undefined, options: PlanOptions): Promise<number> {
  try {
    const { sets, faults } = await planSets(context, name, options);
    const { diffPlan } = await import('@flotilla/setplan');
    const text = sets.map(({ documents }) => diffPlan(documents)).join('');
    if (text !== '') context.out(text.trimEnd());
    const refused = sets.flatMap(({ report }) => report.refused);
    for (const { name: application, message } of refused) context.error(`${application} is not written: ${message}`);
    for (const { report } of sets) {
      if (report.hold.length > 0)
        context.error(`${report.set}: ${report.hold.length} deletions are held: ${report.rule ?? 'by the guard'}`);
    }
    if (faults.length + refused.length > 0) return EXIT.diffFailed;
    return text === '' ? EXIT.ok : EXIT.differs;
  } catch (error) {
    if (!(error instanceof FlotillaError)) throw error;
    context.error(`flotilla: ${messageOf(error)}`);
    return EXIT.diffFailed;
  }
}
