@echo off
rem Runs Kadath's command line; builds it first where it is missing or older than its sources. See the script kadath.
setlocal
set "root=%~dp0"
set "out=%root%artifacts\kadath\windows"
where dotnet >nul 2>nul || (
    echo Kadath needs the .NET SDK 10.0: winget install Microsoft.DotNet.SDK.10 1>&2
    exit /b 4
)
set "stale=1"
if exist "%out%\stamp" for /f %%s in ('powershell -NoProfile -Command "$s=(Get-Item '%out%\stamp').LastWriteTimeUtc; $n=Get-ChildItem '%root%src','%root%Directory.*','%root%global.json' -Recurse -File | Where-Object { $_.LastWriteTimeUtc -gt $s } | Select-Object -First 1; if ($n) { 1 } else { 0 }"') do set "stale=%%s"
if "%stale%"=="0" goto run
echo kadath: building the command line 1>&2
if not exist "%out%" mkdir "%out%"
type nul > "%out%\stamp.next"
set "rid=win-x64"
if /i "%PROCESSOR_ARCHITECTURE%"=="ARM64" set "rid=win-arm64"
dotnet publish "%root%src\Kadath.Cli" -c Release -nologo -v quiet -nodeReuse:false -r %rid% --self-contained false -p:PublishReadyToRun=true -p:KadathFast=true -p:ArtifactsPath="%out%\work" -o "%out%\bin" 1>&2
if errorlevel 1 exit /b 4
move /y "%out%\stamp.next" "%out%\stamp" >nul
:run
"%out%\bin\Kadath.Cli.exe" %*
exit /b %errorlevel%
