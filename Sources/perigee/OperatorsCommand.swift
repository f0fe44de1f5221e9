import ArgumentParser
import OperatorAPI
import Storage

extension OperatorRole: ExpressibleByArgument {}

/// `perigee operators`
struct OperatorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operators", abstract: "Lists and changes the operators' accounts of a running server.",
        discussion: """
            It asks the server that runs over the data folder, with the operator's key from there, as an owner. Each change \
            stands in the audit log. Passwords are read from the terminal without showing them, or from the first line of \
            the standard input. The exit status is 0 for what was done, 1 when the server refuses or can't be asked, 2 when \
            the command line is wrong.
            """,
        subcommands: [List.self, Add.self, Role.self, Password.self, Disable.self, Enable.self])

    /// `perigee operators list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints all operators with their roles.")

        @OptionGroup var server: RunningServer
        @Flag(help: "Prints the server's answer as JSON.") var json = false

        func run() async throws {
            try await server.ask { client in
                let operators = try await client.operators()
                guard !json else { return print(String(decoding: OperatorJSON.bytes(operators), as: UTF8.self)) }
                if operators.isEmpty { print("there is no operator yet; perigee operators add makes one") }
                let width = operators.map(\.login.count).max() ?? 0
                for account in operators {
                    let login = account.login + String(repeating: " ", count: width - account.login.count)
                    print("\(login)  \(account.role.rawValue)\(account.disabled == nil ? "" : ", disabled")")
                }
            }
        }
    }

    /// `perigee operators add`
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes an operator's account; asks for its password.")

        @Argument(help: "The login of the new operator.") var login: String
        @Option(help: "What the operator may do.") var role = OperatorRole.viewer
        @OptionGroup var server: RunningServer

        func run() async throws {
            try await server.ask { client in
                let account = try await client.createOperator(
                    login: login, password: try PasswordInput.read(for: login), role: role)
                print("\(account.login) is an operator now, with the role \(account.role.rawValue)")
            }
        }
    }

    /// `perigee operators role`
    struct Role: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives an operator another role, and revokes the operator's keys above it.")

        @Argument(help: "The operator's login.") var login: String
        @Argument(help: "What the operator may do from now on.") var role: OperatorRole
        @OptionGroup var server: RunningServer

        func run() async throws {
            try await server.ask { client in
                let account = try await client.changeOperator(login, .init(role: role))
                print("\(account.login) has the role \(account.role.rawValue) now")
            }
        }
    }

    /// `perigee operators password`
    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives an operator another password, and ends the operator's sessions.")

        @Argument(help: "The operator's login.") var login: String
        @OptionGroup var server: RunningServer

        func run() async throws {
            try await server.ask { client in
                let account = try await client.findOperator(login)
                try await client.resetPassword(of: account, to: try PasswordInput.read(for: account.login))
                print("\(account.login) has another password now; the sessions with the old one have ended")
            }
        }
    }

    /// `perigee operators disable`
    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends an operator's sessions and keys; the account can't be used until it is enabled.")

        @Argument(help: "The operator's login.") var login: String
        @OptionGroup var server: RunningServer

        func run() async throws {
            try await server.ask { client in
                let account = try await client.changeOperator(login, .init(disabled: true))
                print("\(account.login) is disabled now")
            }
        }
    }

    /// `perigee operators enable`
    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets a disabled operator log in again.")

        @Argument(help: "The operator's login.") var login: String
        @OptionGroup var server: RunningServer

        func run() async throws {
            try await server.ask { client in
                let account = try await client.changeOperator(login, .init(disabled: false))
                print("\(account.login) can log in again")
            }
        }
    }
}
