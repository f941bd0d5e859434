# Completion of releases 0.2.0 for fish; made by: releases completion fish

# Reads what is typed before the cursor, and prints three lines: the command, the number of its
# operands, and the store.
function __releases_typed
    set -l name ''
    set -l count 0
    set -l store ''
    set -l option ''
    set -l ended no
    set -l tokens (commandline -opc)
    for token in $tokens[2..-1]
        if test -n "$option"
            string match -qr -- '^(--store|-s)$' $option
                and set store $token
            set option ''
        else if test $ended = yes; or not string match -q -- '-?*' $token
            if test -z "$name"
                set name $token
            else
                set count (math $count + 1)
            end
        else if test "$token" = --
            set ended yes
        else if string match -qr -- '^--store=' $token
            set store (string replace -r -- '^--store=' '' $token)
        else if string match -qr -- '^(--store|-s|--output|--limit|--lines|--textfile|--html|--archive|--timeout|--id|--ref|--sha256|--signature|--size|--strip-components|--progress|--request|--wait|--to|--reason|--adopt|--keep|--keep-within|--allow|--name|--max-sessions|--max-upload)$' $token
            set option $token
        else if string match -qr -- '^-[qhVvnf]*[s]' $token
            set store (string replace -r -- '^-[qhVvnf]*[s]' '' $token)
            test -z "$store"; and set option -s
        end
    end
    printf '%s\n' "$name" $count "$store"
end

function __releases_needs_command
    set -l typed (__releases_typed)
    test -z "$typed[1]"
end

function __releases_command_is
    set -l typed (__releases_typed)
    test "$typed[1]" = $argv[1]
end

# Takes the command, and the numbers of the first and the last operand.
function __releases_operand_is
    set -l typed (__releases_typed)
    test "$typed[1]" = $argv[1]
    and test $typed[2] -ge $argv[2]
    and test $typed[2] -le $argv[3]
end

# Prints the IDs of the releases in the store, newest first.
function __releases_ids
    set -l typed (__releases_typed)
    set -l tokens (commandline -opc)
    set -l store
    test -n "$typed[3]"; and set store --store (string replace -r -- '^~/' "$HOME/" $typed[3])
    set -l program (string replace -r -- '^~/' "$HOME/" $tokens[1])
    $program list --quiet --describe $store 2>/dev/null </dev/null
end

complete -c releases -f
complete -c releases -s s -l store -x -a '(__fish_complete_directories)' -d 'Directory of the store (default: $RELEASES_STORE, or else /opt/diting)'
complete -c releases -l json -d 'Print one JSON document, even on failure; the same as --output json'
complete -c releases -l output -x -a 'text json github' -d 'Output format; github marks errors in the log of GitHub Actions (default: text)'
complete -c releases -s q -l quiet -d 'Print only the essential result, such as an ID; warnings and errors are still printed'
complete -c releases -s h -l help -d 'Show help for the command and exit'
complete -c releases -s V -l version -d 'Print the version and exit'
complete -c releases -n '__releases_needs_command' -a list -d 'List the releases, newest first'
complete -c releases -n '__releases_needs_command' -a show -d 'Show details of a release'
complete -c releases -n '__releases_needs_command' -a status -d 'Show what is live and whether anything needs attention'
complete -c releases -n '__releases_needs_command' -a history -d 'List past transactions and their outcomes'
complete -c releases -n '__releases_needs_command' -a logs -d 'Show the output of hooks, and the log of the service'
complete -c releases -n '__releases_needs_command' -a verify -d 'Compare releases with their manifests'
complete -c releases -n '__releases_needs_command' -a check -d 'Find problems before they cause a failure'
complete -c releases -n '__releases_needs_command' -a metrics -d 'Print metrics for Prometheus'
complete -c releases -n '__releases_needs_command' -a report -d 'Write an HTML page about the store'
complete -c releases -n '__releases_needs_command' -a diagnose -d 'Collect a report for troubleshooting, with secrets masked'
complete -c releases -n '__releases_needs_command' -a deploy -d 'Deploy an archive, check health, roll back on failure'
complete -c releases -n '__releases_needs_command' -a unpack -d 'Create a release from an archive without switching to it'
complete -c releases -n '__releases_needs_command' -a prepare -d 'Run the prepare hook of a release'
complete -c releases -n '__releases_needs_command' -a activate -d 'Switch to a release'
complete -c releases -n '__releases_needs_command' -a rollback -d 'Switch back to the release that was live before'
complete -c releases -n '__releases_needs_command' -a restart -d 'Restart the service with the live release'
complete -c releases -n '__releases_needs_command' -a abort -d 'Abort the switch that is waiting for confirmation'
complete -c releases -n '__releases_needs_command' -a wait -d 'Wait for the end of a deployment, and print its outcome'
complete -c releases -n '__releases_needs_command' -a pin -d 'Protect a release from pruning and removal'
complete -c releases -n '__releases_needs_command' -a unpin -d 'Allow a pinned release to be pruned again'
complete -c releases -n '__releases_needs_command' -a mark -d 'Mark a release as good or bad'
complete -c releases -n '__releases_needs_command' -a freeze -d 'Block switches until the store is thawed'
complete -c releases -n '__releases_needs_command' -a thaw -d 'Allow switches again after a freeze'
complete -c releases -n '__releases_needs_command' -a init -d 'Create a store, or adopt an existing one'
complete -c releases -n '__releases_needs_command' -a prune -d 'Remove releases according to the retention policy'
complete -c releases -n '__releases_needs_command' -a remove -d 'Remove a release'
complete -c releases -n '__releases_needs_command' -a recover -d 'Finish or undo an interrupted transaction'
complete -c releases -n '__releases_needs_command' -a help -d 'Show help for a command, or list all commands'
complete -c releases -n '__releases_needs_command' -a completion -d 'Print shell completions'
complete -c releases -n '__releases_needs_command' -a gate -d 'Run only the commands that an SSH key is allowed to run'
complete -c releases -n '__releases_command_is list' -l describe -d 'With --quiet, print ref, state and age after each ID and a tab, for completions'
complete -c releases -n '__releases_operand_is show 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is status' -l watch -d 'Print the status again whenever it changes, until interrupted'
complete -c releases -n '__releases_command_is history' -l limit -x -d 'Maximum number of entries to print (default: 1000; with --json, all)'
complete -c releases -n '__releases_command_is history' -s v -l verbose -d 'Print the command line of each transaction, too'
complete -c releases -n '__releases_command_is logs' -l lines -x -d 'Maximum number of lines of each log (default: 100)'
complete -c releases -n '__releases_operand_is logs 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is verify' -l all -d 'Verify every release'
complete -c releases -n '__releases_command_is verify' -l strict -d 'Exit with 7 also for added files and differing modification times'
complete -c releases -n '__releases_operand_is verify 0 99999' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is metrics' -l textfile -r -d 'File to write; its name must end in .prom (default: standard output)'
complete -c releases -n '__releases_command_is report' -l html -r -d 'File to write, or - for standard output'
complete -c releases -n '__releases_command_is diagnose' -l archive -r -d 'Write a compressed archive to a new file that only you can read, or to standard output if FILE is -'
complete -c releases -n '__releases_command_is diagnose' -l timeout -x -d 'Time limit for each section, from 1s to 1h (default: 10s)'
complete -c releases -n '__releases_command_is deploy' -l id -x -d 'Release ID (default: the current Unix time)'
complete -c releases -n '__releases_command_is deploy' -l ref -x -d 'Commit or tag that the release was built from (at most 255 bytes)'
complete -c releases -n '__releases_command_is deploy' -l sha256 -x -d 'Expected SHA-256 of the archive; any other archive is rejected'
complete -c releases -n '__releases_command_is deploy' -l signature -r -d 'Signature of the archive, as made by \'ssh-keygen -Y sign -n release\''
complete -c releases -n '__releases_command_is deploy' -l size -x -d 'Expected size of the archive; any other archive is rejected'
complete -c releases -n '__releases_command_is deploy' -l strip-components -x -d 'Number of leading directories to remove from each name (default: unpack.strip-components of releases.yaml)'
complete -c releases -n '__releases_command_is deploy' -l progress -x -a 'auto plain none' -d 'Show progress as a bar on a terminal, as plain lines, or not at all (default: auto)'
complete -c releases -n '__releases_command_is deploy' -l request -x -d 'Name of this run, by which \'releases wait\' finds its outcome'
complete -c releases -n '__releases_command_is deploy' -l no-rollback -d 'If the release fails, leave it live for debugging, mark it bad, and exit with 11; not possible with service.socket'
complete -c releases -n '__releases_command_is deploy' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is deploy' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is deploy 0 0' -F
complete -c releases -n '__releases_command_is unpack' -l id -x -d 'Release ID (default: the current Unix time)'
complete -c releases -n '__releases_command_is unpack' -l ref -x -d 'Commit or tag that the release was built from (at most 255 bytes)'
complete -c releases -n '__releases_command_is unpack' -l sha256 -x -d 'Expected SHA-256 of the archive; any other archive is rejected'
complete -c releases -n '__releases_command_is unpack' -l signature -r -d 'Signature of the archive, as made by \'ssh-keygen -Y sign -n release\''
complete -c releases -n '__releases_command_is unpack' -l size -x -d 'Expected size of the archive; any other archive is rejected'
complete -c releases -n '__releases_command_is unpack' -l strip-components -x -d 'Number of leading directories to remove from each name (default: unpack.strip-components of releases.yaml)'
complete -c releases -n '__releases_command_is unpack' -l progress -x -a 'auto plain none' -d 'Show progress as a bar on a terminal, as plain lines, or not at all (default: auto)'
complete -c releases -n '__releases_command_is unpack' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is unpack' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is unpack 0 0' -F
complete -c releases -n '__releases_command_is prepare' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is prepare' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is prepare 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is activate' -s f -l force -d 'Switch even to a release that is marked bad or was modified'
complete -c releases -n '__releases_command_is activate' -l verify -d 'Compare the checksum of every file before the switch, not only its size'
complete -c releases -n '__releases_command_is activate' -l no-rollback -d 'If the release fails, leave it live for debugging, mark it bad, and exit with 11; not possible with service.socket'
complete -c releases -n '__releases_command_is activate' -l request -x -d 'Name of this run, by which \'releases wait\' finds its outcome'
complete -c releases -n '__releases_command_is activate' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is activate' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is activate 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is rollback' -l to -x -k -a '(__releases_ids)' -d 'Release to switch to (default: the rollback target)'
complete -c releases -n '__releases_command_is rollback' -s f -l force -d 'Roll back even if the store is frozen, to a release that is bad or was modified, or without hooks if releases.yaml is invalid'
complete -c releases -n '__releases_command_is rollback' -l verify -d 'Compare the checksum of every file before the switch, not only its size'
complete -c releases -n '__releases_command_is rollback' -l no-rollback -d 'If the release fails, leave it live for debugging, mark it bad, and exit with 11; not possible with service.socket'
complete -c releases -n '__releases_command_is rollback' -l request -x -d 'Name of this run, by which \'releases wait\' finds its outcome'
complete -c releases -n '__releases_command_is rollback' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is rollback' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_command_is restart' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is restart' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_command_is abort' -l reason -x -d 'Reason to show to the user who deployed'
complete -c releases -n '__releases_command_is abort' -l wait -x -d 'Maximum wait until the old release is restored (default: 30s)'
complete -c releases -n '__releases_command_is abort' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_command_is wait' -l ref -x -d 'The same as the operand REF'
complete -c releases -n '__releases_command_is wait' -l request -x -d 'The same as the operand TOKEN'
complete -c releases -n '__releases_command_is wait' -l timeout -x -d 'Maximum wait; then the exit status is 5 (default: no limit)'
complete -c releases -n '__releases_command_is pin' -l reason -x -d 'Reason to record with the pin'
complete -c releases -n '__releases_command_is pin' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is pin' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is pin 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is unpin' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is unpin' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is unpin 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is mark' -l reason -x -d 'Reason to record in the history; required for a bad mark'
complete -c releases -n '__releases_command_is mark' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is mark' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is mark 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_operand_is mark 1 1' -a 'good bad'
complete -c releases -n '__releases_command_is freeze' -l reason -x -d 'Reason to print when a switch is refused'
complete -c releases -n '__releases_command_is freeze' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is freeze' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_command_is thaw' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is thaw' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_command_is init' -l adopt -x -d 'Adopt this directory in releases/ whatever its name is'
complete -c releases -n '__releases_command_is init' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is init' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_command_is prune' -l keep -x -d 'Number of newest ready releases to retain (default: keep.count of releases.yaml)'
complete -c releases -n '__releases_command_is prune' -l keep-within -x -d 'Age up to which other releases are retained (default: keep.age of releases.yaml)'
complete -c releases -n '__releases_command_is prune' -l no-hooks -d 'Exit with 11 instead of running the activate hook for an interrupted switch'
complete -c releases -n '__releases_command_is prune' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is prune' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_command_is remove' -s f -l force -d 'Remove even the rollback target, a pinned release, or one that is not in the catalog; never the live release'
complete -c releases -n '__releases_command_is remove' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is remove' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is remove 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is recover' -l boot -d 'Run no hooks and never wait for the lock, for a unit ordered before the service'
complete -c releases -n '__releases_command_is recover' -l wait -x -d 'Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)'
complete -c releases -n '__releases_command_is recover' -s n -l dry-run -d 'Print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is help 0 0' -a 'list show status history logs verify check metrics report diagnose deploy unpack prepare activate rollback restart abort wait pin unpin mark freeze thaw init prune remove recover help completion gate'
complete -c releases -n '__releases_operand_is completion 0 0' -a 'bash zsh fish'
complete -c releases -n '__releases_command_is gate' -l allow -x -d 'Commands and roles to allow, separated by commas'
complete -c releases -n '__releases_command_is gate' -l name -x -d 'Name of the key in the journal and the history'
complete -c releases -n '__releases_command_is gate' -l max-sessions -x -d 'Maximum number of sessions of the key at the same time (default: 8)'
complete -c releases -n '__releases_command_is gate' -l max-upload -x -d 'Maximum time for an archive to arrive (default: 1h)'
