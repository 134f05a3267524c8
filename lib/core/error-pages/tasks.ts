import { page } from "./page.ts";

const OWN = "Look at what the task is: nomos-run task NAME --dry-run shows its inputs, outputs and steps.";

/** Pages of codes that tasks raise, and what tasks do with the network, archives and commands. */
export const TASK_PAGES = {
  "NR-HOST-ARCHIVE": page(
    "A tar can't be unpacked: it is damaged or cut, holds names or links that lead out of its folder, or something that is neither file, folder nor link.",
    "A download that was cut by somebody else, a file that is no tar, or an archive made to do harm.",
    "Fetch or pack it again. Nothing of it was put to use.",
  ),
  "NR-HOST-CHECKSUM": page(
    "A file was fetched whole, and its SHA-256 is not the one that was asked for.",
    "The file at that URL was replaced, a proxy changed it, or the checksum is of another version.",
    "Find out which of the two is right before you use either.",
  ),
  "NR-HOST-COMMAND": page(
    "A command that a task or workload ran ended with an error; the message has the last of what it said.",
    "The program's own reasons.",
    "Run the task with --verbose, or the command by hand.",
  ),
  "NR-HOST-DOWNLOAD": page(
    "A file can't be fetched; what passes was tried several times.",
    "No network, a proxy, a server that refuses or is down.",
    "Check that the URL answers from this machine, or fetch the file elsewhere and give its path to the task.",
  ),
  "NR-HOST-DOWNLOAD-MISSING": page(
    "The server answers and has no such file.",
    "A version or platform that was not released, or a typing error in the URL.",
    "Check the version; a task's option for the base URL can name another place.",
  ),
  "NR-HOST-NO-SHELL": page(
    "A command uses what only a shell can do (pipes, variables, patterns), and this machine has neither bash nor sh.",
    "A container image made of nothing but the program.",
    "Write the command as one program with its arguments, or add a shell.",
  ),
  "NR-TASK-ALTERED": page(
    "What a task made was changed afterwards by somebody else; making it anew would lose that.",
    "A file that was edited, deleted or added by hand, or a disk fault.",
    "Copy what you want to keep, then run the task with --force.",
  ),
  "NR-TASK-BUSY": page(
    "Another process makes the same outputs, and did not end while this one waited.",
    "Two calls at once, or a lock of a machine that shares the folder and has gone.",
    "Wait for the other one. If there is none, remove the lock that the message names.",
  ),
  "NR-TASK-BUNDLE": page(
    "A bundle of node binaries holds other binaries than were asked for.",
    "A bundle of another revision or platform, or a tar that is no bundle.",
    "Build it from the revision that you want, or ask for the one that it has.",
  ),
  "NR-TASK-CYCLE": page(
    "A task needs itself, by way of others.",
    "Two definitions that name each other.",
    "Break the circle that the message shows.",
  ),
  "NR-TASK-FAILED": page(
    "A task ended with an error. Its outputs are as they were before.",
    "The message says what it was doing.",
    OWN,
  ),
  "NR-TASK-FOREIGN": page(
    "There is something where a task's output belongs, and no task made it. It is left as it is.",
    "A folder made by hand or by another program.",
    "Move it away, or let the task write elsewhere.",
  ),
  "NR-TASK-INPUT": page(
    "A file that a task reads is not there or can't be read.",
    "A typing error, or another working directory.",
    OWN,
  ),
  "NR-TASK-OPTION": page(
    "A task has no such option, needs one that is missing, or can't use the value.",
    "A typing error.",
    "Options are written name=value; nomos-run task --list shows them.",
  ),
  "NR-TASK-OUTPUT": page(
    "A task came to its end without making what its definition promises.",
    "A definition whose run writes elsewhere than to the paths that it is given.",
    "In the definition, write outputs to the paths in ctx.out: they are moved into place when the task has ended.",
  ),
  "NR-TASK-TOOL": page(
    "A program that a task needs is not on the PATH.",
    "It is not installed, or PATH is another than you think.",
    "Install it; nomos-run doctor says how for those of the built-in tasks.",
  ),
  "NR-TASK-UNKNOWN": page(
    "No task goes by that name.",
    "A typing error, or a file of tasks that was not named.",
    "nomos-run task --list shows all; --file names a file that defines others.",
  ),
} as const;
