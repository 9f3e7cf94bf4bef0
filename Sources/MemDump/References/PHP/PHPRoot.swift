/// Where ways to values of PHP begin.
enum PHPRoot: Hashable, Sendable {
  /// The global variables.
  case globals
  /// A class, with its static properties and its constants.
  case type(Address)
  /// A function, with its static variables.
  case function(Address)
  /// A call that has not returned.
  case frame(Address)
}

/// By what a value of PHP leads to another.
enum PHPStep: Hashable, Sendable {
  case element
  /// An element of an array with a key, or a property, by the address of the name.
  case field(Address)
  case key
  case property(Address?)
  case global(Address)
  case staticProperty(Address)
  case constant(Address)
  case staticVariable(Address)
  /// A variable of a call.
  case variable(Address)
  /// A variable that a closure has from outside, or keeps.
  case captured(Address, by: Address)
  case this
  /// What PHP keeps in an object of a class of its own.
  case inside(of: Address)
  /// What a reference or a structure of C has.
  case value
}
