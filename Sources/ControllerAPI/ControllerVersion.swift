/// The version of the controller and of its client commands.
package enum ControllerVersion {
    package static let text = "0.1.0"
}
