# Completion of @PROGRAM@ for PowerShell. On every Tab the program itself is asked what fits, with `@REQUEST@`.
# Load it now:      @PROGRAM@ completion powershell | Out-String | Invoke-Expression
# Load it always:   put that line into the file that $PROFILE names

Register-ArgumentCompleter -Native -CommandName '@PROGRAM@' -ScriptBlock {
    param($WordToComplete, $CommandAst, $CursorPosition)

    $Before = @($CommandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $CursorPosition } |
        ForEach-Object { if ($null -ne $_.Value) { "$($_.Value)" } else { $_.Extent.Text } })
    $Program = $Before[0]
    $Asked = @($Before | Select-Object -Skip 1) + @($WordToComplete)
    # Older shells lose an empty argument on its way.
    $Asked = @($Asked | ForEach-Object { if ($_ -eq '' -and $PSVersionTable.PSVersion -lt [version]'7.3') { '""' } else { $_ } })

    $Lines = @(& $Program @REQUEST@ @Asked 2>$null)
    if ($Lines.Count -eq 0 -or $Lines[-1] -notmatch '^:(\d+)$') { return }
    $Directive = [int]$Matches[1]
    if ($Directive -band 1) { return }
    $Prefix = if ($WordToComplete -match '^-[^=]*=') { $Matches[0] } else { '' }
    $Space = if ($Directive -band 2) { '' } else { ' ' }

    $Found = @($Lines | Where-Object { $_ -and $_ -notmatch '^(:\d+$|_activeHelp_)' } | ForEach-Object {
        $Name, $Text = $_ -split "`t", 2
        $Word = $Prefix + $Name
        if ($Word.StartsWith($WordToComplete)) {
            if (-not $Text) { $Text = $Name }
            [System.Management.Automation.CompletionResult]::new($Word + $Space, $Name, 'ParameterValue', $Text)
        }
    })
    # An empty text keeps the shell from offering files.
    if ($Found.Count -eq 0 -and ($Directive -band 4)) { '' } else { $Found }
}
