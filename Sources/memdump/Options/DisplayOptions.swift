import ArgumentParser

/// When output is emphasised.
enum ColorChoice: String, CaseIterable, ExpressibleByArgument { case auto, always, never }

/// The options of every command for how its output looks.
struct DisplayOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Emphasise headings and what needs the eye. auto: on a terminal, unless NO_COLOR is set or TERM is dumb.",
      valueName: "when"))
  var color = ColorChoice.auto

  @Flag(name: .customLong("no-next"), help: .hidden)
  var hidesNext = false
}
