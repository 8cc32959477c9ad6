using System.CommandLine;

namespace Kadath.Cli.Commands;

/// <summary>Prints the script by which a shell completes kadath's commands and options.</summary>
internal static class CompletionCommand
{
    public static Command Create(CommandFactory factory)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or pwsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        Command command = factory.Plain("completion", "Print the completion script of a shell", "eval \"$(kadath completion bash)\"", "kadath completion fish > ~/.config/fish/completions/kadath.fish");
        command.Add(shell);
        command.SetAction(parse =>
        {
            parse.InvocationConfiguration.Output.WriteLine(parse.GetRequiredValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                "fish" => Fish,
                _ => PowerShell,
            });
            return ExitCodes.Done;
        });
        return command;
    }

    // Each asks the program itself, by the [suggest] directive: cursor position, then the line as it stands.
    private const string Bash = """
        _kadath() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(kadath "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _kadath kadath
        """;

    private const string Zsh = """
        #compdef kadath
        _kadath() {
            local -a found
            found=("${(@f)$(kadath "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a found
        }
        compdef _kadath kadath
        """;

    private const string Fish = """
        complete -c kadath -f -a '(kadath "[suggest:"(commandline -C)"]" (commandline -p) 2>/dev/null)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName kadath -ScriptBlock {
            param($word, $line, $position)
            kadath "[suggest:$position]" "$line" 2>$null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;
}
