import { page } from "./page.ts";

const LOGS = "Look at the nodes' logs: nomos-run logs RUN.";
const LOAD = "A machine too slow or too busy for so many nodes.";

/** Pages of codes that the command line, the machine and the run itself raise. */
export const RUN_PAGES = {
  "NR-CLI-ARGUMENT": page(
    "A command needs an argument that is missing, or doesn't take one that is there.",
    "A file or run that was not named.",
    "The hint shows how the command is written.",
  ),
  "NR-CLI-CHECKSUM": page(
    "upgrade --check can't show that a downloaded executable is what its makers published, or can't ask it what it is.",
    "A download that was cut or altered, no SHA256SUMS beside it, an executable of another system.",
    "Download it and its SHA256SUMS again, from the same place; don't run it before they agree.",
  ),
  "NR-CLI-COMMAND": page(
    "There is no such command.",
    "A typing error, or a scenario named without its ending.",
    "nomos-run --help lists all commands.",
  ),
  "NR-CLI-NODE-UNKNOWN": page("The run has no log of that node.", "A typing error.", "The hint has the nearest name."),
  "NR-CLI-OPTION": page(
    "A flag is unknown, given twice, or doesn't go with another.",
    "A typing error.",
    "nomos-run COMMAND --help lists its flags.",
  ),
  "NR-CLI-RUN-ALIVE": page(
    "The run is still at work.",
    "clean of a run that has its runner.",
    "End it with Ctrl-C in its terminal, or name it to clean with the flag that the hint has.",
  ),
  "NR-CLI-RUN-UNKNOWN": page(
    "No run, or more than one, goes by that name.",
    "Another working directory, or --out.",
    "nomos-run list shows the runs of a folder; --out names another.",
  ),
  "NR-CLI-TYPES": page(
    "The TypeScript compiler finds type errors in a scenario file or in what it imports.",
    "A wrong argument, a misspelt method, declarations of another version of nomos-run.",
    "Correct what the compiler lists; nomos-run types refreshes the declarations.",
  ),
  "NR-CLI-VALUE": page(
    "A flag's value can't be read.",
    "A missing unit, a word where a number is.",
    "The hint has the form.",
  ),
  "NR-CORE-DEADLINE": page("A wait came to its deadline; the message has what was last seen.", LOAD, LOGS),
  "NR-CORE-DURATION": page(
    "A duration can't be read.",
    "A missing unit.",
    "Write 90s, 1500ms, 2m or a number of milliseconds.",
  ),
  "NR-CORE-INTERNAL": page(
    "Something that can't be, is: a fault of nomos-run.",
    "A fault in the program.",
    "Run again with --debug and report what it says, with the run folder.",
  ),
  "NR-CORE-INTERRUPTED": page(
    "The work was cancelled before its end.",
    "Ctrl-C, SIGTERM, or the end of the driven part of a run.",
    "Nothing, if it was meant; everything was taken down.",
  ),
  "NR-EVIDENCE-ALTERED": page(
    "The documents of a run folder are not as the run wrote them, or not of one run.",
    "Somebody edited a file, or copied files of two runs into one folder.",
    "Use the folder as the run left it. What was changed afterwards proves nothing.",
  ),
  "NR-EVIDENCE-CUT": page(
    "A run folder is not whole: a document is missing, or events.ndjson has no end.",
    "The runner was killed, the disk was full, the run is still at work, or the copy was cut short.",
    "Copy it again, or run again: evidence without its end can't be judged.",
  ),
  "NR-EVIDENCE-LINE": page(
    "A line of events.ndjson is no event by its schema.",
    "The file was edited, or another version wrote it.",
    "Use the file as the run wrote it, with the version in run.json.",
  ),
  "NR-EVIDENCE-ORDER": page(
    "Lines of events.ndjson are missing, doubled or in another order.",
    "The file was sorted, filtered or edited.",
    "Use the file as the run wrote it.",
  ),
  "NR-EVIDENCE-SCENARIO": page(
    "The run has expectations of its scenario's own, and the file that makes them is not there or has changed.",
    "The scenario was edited or moved since.",
    "Bring the file back as it was, and name it with --scenario FILE.",
  ),
  "NR-HOST-BUNDLE": page(
    "bundle can't find what a scenario imports, or a .scenario.tgz is none that bundle made, or there is nowhere to unpack it.",
    "An archive that was cut or made by hand; no cache folder that only you can write to.",
    "Pack it again with nomos-run bundle FILE, or set XDG_CACHE_HOME to a folder of yours.",
  ),
  "NR-HOST-COMPILER": page(
    "check has no TypeScript compiler to check types with, or the one that it found can't be run.",
    "None is installed beside the scenario, above it or on the PATH; a compiler that is a script needs a Node.",
    "Install one beside the scenario: npm install typescript. plan checks all but types without one.",
  ),
  "NR-HOST-DECLARATIONS": page(
    "The type declarations for editors are not there, or where they belong is something else.",
    "A checkout that was never built; a .nomos/node_modules that nomos-run did not make.",
    "In a checkout: node build.mjs. Else move away what is in the place, then nomos-run types.",
  ),
  "NR-HOST-DISK-FULL": page(
    "The disk of the run folder is full.",
    "Many runs, or verbose logs.",
    "Free space or name another place with --out; run folders may be deleted.",
  ),
  "NR-HOST-GUARDIAN-DIED": page(
    "The process that looks after the run's nodes ended, so the run was ended too.",
    "Somebody killed it, or the machine ran out of memory.",
    "nomos-run clean removes what is left; guardian.log has its last words.",
  ),
  "NR-HOST-GUARDIAN-START": page(
    "The process that looks after the run's nodes did not start.",
    LOAD,
    "guardian.log in the run folder says more.",
  ),
  "NR-HOST-PERMISSION": page(
    "Deno refuses what its command line doesn't allow.",
    "deno run with fewer permissions than -A.",
    "Add the flag that the hint names, or -A: a run needs all of them.",
  ),
  "NR-HOST-SCENARIO-COMPILE": page(
    "TypeScript can't be compiled on this machine.",
    "The compiler can't be unpacked or started: no space, or a mount without execution.",
    "Free the folder that the message names, or set XDG_CACHE_HOME to another.",
  ),
  "NR-HOST-SCENARIO-EXPORT": page(
    "A scenario file doesn't export a plan of that name.",
    "No default export, or .build() is missing.",
    'Write: export default scenario("name")...build();',
  ),
  "NR-HOST-SCENARIO-FILE": page(
    "There is no such file, or it can't be read.",
    "A typing error.",
    "The hint has the nearest file.",
  ),
  "NR-HOST-SCENARIO-IMPORT": page(
    "A scenario file imports a module or a name that doesn't exist.",
    "A typing error, or a type imported as a value.",
    "Correct the line that the message names; types are imported with import type.",
  ),
  "NR-HOST-SCENARIO-STUCK": page(
    "Loading a scenario file doesn't come to an end.",
    "It waits for something at its top level.",
    "A scenario only describes: move the waiting into a workload.",
  ),
  "NR-HOST-SCENARIO-SYNTAX": page(
    "A scenario file has a syntax error.",
    "A missing bracket or comma.",
    "Correct the line that the message names.",
  ),
  "NR-HOST-SCENARIO-THREW": page(
    "A scenario file's own code threw an error while it was loaded.",
    "A fault in that code.",
    "Correct the line that the message names.",
  ),
  "NR-HOST-SIGNER": page(
    "Transactions at 200 per second and more are signed ahead of their time in a thread of the runner, and that thread ended.",
    "The machine ran out of memory, or this program has a fault: the message has the thread's own words.",
    "Run it again with more memory, or at a lower rate. A rate below 200 per second needs no such thread.",
  ),
  "NR-HOST-SPAWN": page(
    "A program can't be started.",
    "It is not there, may not be executed, or the machine has no processes left.",
    "Check the path and permissions in the message, and ulimit -u.",
  ),
  "NR-HOST-WRITE": page(
    "A file can't be written.",
    "Permissions, a folder that is gone, or a disk that doesn't keep up.",
    "Name another place with --out, or correct what the message says.",
  ),
  "NR-RUN-BASELINE": page("The nodes did not come to one tip and one block.", LOAD, LOGS),
  "NR-RUN-FEED": page("What a node shows of its chain contradicts itself.", "A fault of the node.", LOGS),
  "NR-RUN-FORCED": page(
    "A second signal cut the teardown short.",
    "Ctrl-C twice.",
    "nomos-run ps shows what is left, and nomos-run clean removes it.",
  ),
  "NR-RUN-LEFTOVER": page(
    "Something that the run made is still there after its teardown.",
    "A process that can't be killed, or was made by somebody else.",
    "nomos-run clean removes it; the message names it.",
  ),
  "NR-RUN-NODE-DIED": page(
    "A node ended before the network was ready.",
    "A configuration that it refuses, or a fault of the node.",
    LOGS,
  ),
  "NR-RUN-READY": page("Not all nodes answered, or found their peers, in time.", LOAD, LOGS),
  "NR-RUN-RECORD": page(
    "The event stream can't be written, and without it there is no evidence.",
    "A full or slow disk.",
    "Name another place with --out.",
  ),
  "NR-RUN-STAGE": page(
    "A stage of the run failed or came to its deadline.",
    LOAD,
    "The message says which and what was last seen; the nodes' logs say more.",
  ),
  "NR-RUN-TEARDOWN": page(
    "A step of the teardown failed or came to its deadline; the others ran all the same.",
    LOAD,
    "nomos-run ps shows what is left, and nomos-run clean removes it.",
  ),
};
