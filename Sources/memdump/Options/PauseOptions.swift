import ArgumentParser
import MemDump

/// The options for the treatment of a process of which a consistent picture is needed.
struct PauseOptions: ParsableArguments {
  @Option(
    help:
      "Of a process. stop: it stands still for the time of a copy in memory; snapshot: for that of a fork; live: it runs on."
  )
  var mode: LookMode = .stop

  @Option(
    help: ArgumentHelp(
      "In the modes stop and snapshot: how long the process may stand still at most.", valueName: "time"))
  var maxPause = TimeSpan(milliseconds: 500)
}
