# Completion of releases 0.1.0 for fish; made by: releases completion fish

# Reads what is typed before the cursor: the command on the first line, how many operands it
# has on the second, the store on the third.
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
        else if string match -qr -- '^(--store|-s|--output|--limit|--textfile|--html|--archive|--timeout|--id|--ref|--sha256|--signature|--size|--strip-components|--progress|--wait|--to|--reason|--keep|--keep-within|--allow|--name)$' $token
            set option $token
        else if string match -qr -- '^-[qhVnf]*[s]' $token
            set store (string replace -r -- '^-[qhVnf]*[s]' '' $token)
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

# The command, and from which to which operand.
function __releases_operand_is
    set -l typed (__releases_typed)
    test "$typed[1]" = $argv[1]
    and test $typed[2] -ge $argv[2]
    and test $typed[2] -le $argv[3]
end

# Prints the ids that the store has, newest first.
function __releases_ids
    set -l typed (__releases_typed)
    set -l tokens (commandline -opc)
    set -l store
    test -n "$typed[3]"; and set store --store (string replace -r -- '^~/' "$HOME/" $typed[3])
    set -l program (string replace -r -- '^~/' "$HOME/" $tokens[1])
    $program list --quiet $store 2>/dev/null </dev/null
end

complete -c releases -f
complete -c releases -s s -l store -x -a '(__fish_complete_directories)' -d 'the store; else $RELEASES_STORE, else /opt/diting'
complete -c releases -l json -d 'print one JSON document, failures included; short for --output json'
complete -c releases -l output -x -a 'text json github' -d 'print for people, for scripts, or for the log of GitHub Actions, which marks failures'
complete -c releases -s q -l quiet -d 'print nothing but the bare result; errors are still told'
complete -c releases -s h -l help -d 'explain the command and do nothing'
complete -c releases -s V -l version -d 'print the version and do nothing'
complete -c releases -n '__releases_needs_command' -a list -d 'list the releases, newest first'
complete -c releases -n '__releases_needs_command' -a show -d 'show all that is known of one release'
complete -c releases -n '__releases_needs_command' -a status -d 'say what is live and whether anything needs attention'
complete -c releases -n '__releases_needs_command' -a history -d 'list what was done to the store, by whom and how it ended'
complete -c releases -n '__releases_needs_command' -a verify -d 'compare releases with what was published'
complete -c releases -n '__releases_needs_command' -a check -d 'find what would go wrong, before it does'
complete -c releases -n '__releases_needs_command' -a metrics -d 'print what a monitor wants to know, for Prometheus'
complete -c releases -n '__releases_needs_command' -a report -d 'write a page about the store, to look at'
complete -c releases -n '__releases_needs_command' -a diagnose -d 'gather a report of store, service and host, secrets masked'
complete -c releases -n '__releases_needs_command' -a deploy -d 'unpack, prepare, switch, wait until it works, prune; go back by itself'
complete -c releases -n '__releases_needs_command' -a unpack -d 'make a new release from an archive, without switching to it'
complete -c releases -n '__releases_needs_command' -a prepare -d 'run the prepare hook once more for a release that is not ready'
complete -c releases -n '__releases_needs_command' -a activate -d 'switch to a release'
complete -c releases -n '__releases_needs_command' -a rollback -d 'switch back to the release that was live before'
complete -c releases -n '__releases_needs_command' -a abort -d 'stop the switch that waits for its confirmation, and let it go back'
complete -c releases -n '__releases_needs_command' -a pin -d 'keep a release from being pruned or removed'
complete -c releases -n '__releases_needs_command' -a unpin -d 'let a pinned release be pruned again'
complete -c releases -n '__releases_needs_command' -a mark -d 'mark a release good or bad'
complete -c releases -n '__releases_needs_command' -a freeze -d 'hold all switches until thaw'
complete -c releases -n '__releases_needs_command' -a thaw -d 'allow switches again'
complete -c releases -n '__releases_needs_command' -a init -d 'make a store, or take over an existing one'
complete -c releases -n '__releases_needs_command' -a prune -d 'remove the releases that retention gives up'
complete -c releases -n '__releases_needs_command' -a remove -d 'remove one release'
complete -c releases -n '__releases_needs_command' -a recover -d 'settle a transaction that was interrupted'
complete -c releases -n '__releases_needs_command' -a help -d 'explain a command, or list them all'
complete -c releases -n '__releases_needs_command' -a completion -d 'print the completions for a shell'
complete -c releases -n '__releases_needs_command' -a gate -d 'do what an SSH key may do here, and nothing else'
complete -c releases -n '__releases_operand_is show 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is status' -l watch -d 'show it again whenever it changes, until it is interrupted or nobody reads on'
complete -c releases -n '__releases_command_is history' -l limit -x -d 'print no more than this many, the newest'
complete -c releases -n '__releases_command_is verify' -l all -d 'check every release'
complete -c releases -n '__releases_command_is verify' -l strict -d 'fail also for what was added and for times that differ'
complete -c releases -n '__releases_operand_is verify 0 99999' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is metrics' -l textfile -r -d 'write to this file, whose name ends in .prom, instead of standard output'
complete -c releases -n '__releases_command_is report' -l html -r -d 'where to write it; - for standard output'
complete -c releases -n '__releases_command_is diagnose' -l archive -r -d 'write a compressed archive, readable for you alone, to a new file, or to - (a pipe)'
complete -c releases -n '__releases_command_is diagnose' -l timeout -x -d 'what each section may take, from 1s to 1h (default 10s)'
complete -c releases -n '__releases_command_is deploy' -l id -x -d 'name the release; else the time in Unix seconds names it'
complete -c releases -n '__releases_command_is deploy' -l ref -x -d 'remember which commit or tag it was made from'
complete -c releases -n '__releases_command_is deploy' -l sha256 -x -d 'refuse an archive with any other SHA-256'
complete -c releases -n '__releases_command_is deploy' -l signature -r -d 'refuse an archive without this signature by \'ssh-keygen -Y sign\''
complete -c releases -n '__releases_command_is deploy' -l size -x -d 'refuse an archive of any other size'
complete -c releases -n '__releases_command_is deploy' -l strip-components -x -d 'leave out this many leading directories of each name'
complete -c releases -n '__releases_command_is deploy' -l progress -x -a 'auto plain none' -d 'show how far it is: on a terminal only (auto), in plain lines, or not at all'
complete -c releases -n '__releases_command_is deploy' -l no-rollback -d 'leave a release live that does not work, marked bad, to look at it; exit status 11'
complete -c releases -n '__releases_command_is deploy' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is deploy' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is deploy 0 0' -F
complete -c releases -n '__releases_command_is unpack' -l id -x -d 'name the release; else the time in Unix seconds names it'
complete -c releases -n '__releases_command_is unpack' -l ref -x -d 'remember which commit or tag it was made from'
complete -c releases -n '__releases_command_is unpack' -l sha256 -x -d 'refuse an archive with any other SHA-256'
complete -c releases -n '__releases_command_is unpack' -l signature -r -d 'refuse an archive without this signature by \'ssh-keygen -Y sign\''
complete -c releases -n '__releases_command_is unpack' -l size -x -d 'refuse an archive of any other size'
complete -c releases -n '__releases_command_is unpack' -l strip-components -x -d 'leave out this many leading directories of each name'
complete -c releases -n '__releases_command_is unpack' -l progress -x -a 'auto plain none' -d 'show how far it is: on a terminal only (auto), in plain lines, or not at all'
complete -c releases -n '__releases_command_is unpack' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is unpack' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is unpack 0 0' -F
complete -c releases -n '__releases_command_is prepare' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is prepare' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is prepare 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is activate' -s f -l force -d 'switch even to a release that is marked bad or is not whole'
complete -c releases -n '__releases_command_is activate' -l verify -d 'first compare every file with its checksum, not only with its size'
complete -c releases -n '__releases_command_is activate' -l no-rollback -d 'leave a release live that does not work, marked bad, to look at it; exit status 11'
complete -c releases -n '__releases_command_is activate' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is activate' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is activate 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is rollback' -l to -x -k -a '(__releases_ids)' -d 'switch to this release instead'
complete -c releases -n '__releases_command_is rollback' -s f -l force -d 'roll back even while the store is frozen, or to a release that is bad or not whole'
complete -c releases -n '__releases_command_is rollback' -l verify -d 'first compare every file with its checksum, not only with its size'
complete -c releases -n '__releases_command_is rollback' -l no-rollback -d 'leave a release live that does not work, marked bad, to look at it; exit status 11'
complete -c releases -n '__releases_command_is rollback' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is rollback' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_command_is abort' -l reason -x -d 'why, for whoever deployed'
complete -c releases -n '__releases_command_is abort' -l wait -x -d 'wait this long for it to have gone back (default 30s)'
complete -c releases -n '__releases_command_is abort' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_command_is pin' -l reason -x -d 'why, for whoever finds the pin'
complete -c releases -n '__releases_command_is pin' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is pin' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is pin 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is unpin' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is unpin' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is unpin 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is mark' -l reason -x -d 'why, for whoever reads the history'
complete -c releases -n '__releases_command_is mark' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is mark' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is mark 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_operand_is mark 1 1' -a 'good bad'
complete -c releases -n '__releases_command_is freeze' -l reason -x -d 'why, for whoever is refused'
complete -c releases -n '__releases_command_is freeze' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is freeze' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_command_is thaw' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is thaw' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_command_is init' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is init' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_command_is prune' -l keep -x -d 'keep the newest N that were ready, whatever their age'
complete -c releases -n '__releases_command_is prune' -l keep-within -x -d 'keep also those younger than this; 0d keeps none for its age'
complete -c releases -n '__releases_command_is prune' -l no-hooks -d 'exit with 11 instead of running the activate hook for an interrupted switch'
complete -c releases -n '__releases_command_is prune' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is prune' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_command_is remove' -s f -l force -d 'remove even the fallback, or what is pinned or not known; never the live one'
complete -c releases -n '__releases_command_is remove' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is remove' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is remove 0 0' -k -a '(__releases_ids)'
complete -c releases -n '__releases_command_is recover' -l boot -d 'for the unit before the service: run no hooks, never wait for the lock'
complete -c releases -n '__releases_command_is recover' -l wait -x -d 'wait this long for another transaction to end, such as 90s or 5m (default 30s)'
complete -c releases -n '__releases_command_is recover' -s n -l dry-run -d 'print what would be done, and change nothing'
complete -c releases -n '__releases_operand_is help 0 0' -a 'list show status history verify check metrics report diagnose deploy unpack prepare activate rollback abort pin unpin mark freeze thaw init prune remove recover help completion gate'
complete -c releases -n '__releases_operand_is completion 0 0' -a 'bash zsh fish'
complete -c releases -n '__releases_command_is gate' -l allow -x -d 'the commands and roles, separated by commas'
complete -c releases -n '__releases_command_is gate' -l name -x -d 'what the journal calls the key'
