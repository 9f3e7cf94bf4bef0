/// The version of the library and the tool, which stands in every manifest.
public enum Version {
  /// The number, by semver.org.
  public static let text = "0.1.0"
}
