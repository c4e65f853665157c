# The broker as a scheduled task of Windows: started with the machine, under LocalService, again after a failure.
# Run as administrator. Node itself is no Windows service; a task needs no wrapper from elsewhere.
# To remove it: Unregister-ScheduledTask coatcheck
param(
  [string]$Node = (Get-Command node).Source,
  [string]$Package = (Join-Path (npm root --global) 'coatcheck'),
  [string]$Data = (Join-Path $env:ProgramData 'coatcheck')
)
$ErrorActionPreference = 'Stop'

# Key, root token and database: for LocalService and administrators alone. Names of accounts depend on the language, their numbers do not.
New-Item -ItemType Directory -Force $Data | Out-Null
icacls $Data /inheritance:r /grant '*S-1-5-19:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null

$command = "`"$Package\bin\coatcheck.js`" serve --data `"$Data`""
Register-ScheduledTask -TaskName coatcheck `
  -Action (New-ScheduledTaskAction -Execute $Node -Argument $command -WorkingDirectory $Data) `
  -Trigger (New-ScheduledTaskTrigger -AtStartup) `
  -Principal (New-ScheduledTaskPrincipal -UserId 'NT AUTHORITY\LOCAL SERVICE' -LogonType ServiceAccount) `
  -Settings (New-ScheduledTaskSettingsSet -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1) -ExecutionTimeLimit 0) | Out-Null
Start-ScheduledTask coatcheck
