import ArgumentParser

/// When output is emphasised.
enum ColorChoice: String, CaseIterable, ExpressibleByArgument { case auto, always, never }

/// The option of every command for how its output looks.
struct ColorOption: ParsableArguments {
  @Option(
    name: .customLong("color"),
    help: ArgumentHelp(
      "Emphasise headings and what needs the eye. auto: on a terminal, unless NO_COLOR is set or TERM is dumb.",
      valueName: "when"))
  var choice = ColorChoice.auto
}
