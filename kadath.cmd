@echo off
rem Runs Kadath's command line; builds it first where it is missing or older than its sources. See the scripts kadath and eng/build-cli.sh.
setlocal enableextensions disabledelayedexpansion
set "root=%~dp0"
set "out=%root%artifacts\kadath\windows"
set "log=%out%\build.log"
where dotnet >nul 2>nul
if errorlevel 1 (
    echo Kadath needs the .NET SDK 10.0: winget install Microsoft.DotNet.SDK.10 1>&2
    exit /b 4
)
call :check
if defined folder goto run
if not exist "%out%" mkdir "%out%"

rem One build at a time: a folder can be made only once.
set "waited=0"
:lock
mkdir "%out%\building" 2>nul && goto build
if "%waited%"=="0" echo kadath: waiting for another build to end; if there is none, remove "%out%\building" 1>&2
set /a waited+=1
rem Whoever was stopped in the middle left the folder behind.
if %waited% geq 300 goto build
ping -n 2 127.0.0.1 >nul
call :check
if defined folder goto run
goto lock

:build
echo kadath: building the command line, about half a minute 1>&2
rem A fresh folder: Windows lets nobody replace the files of a node that runs.
set "folder=build-%random%%random%"
rem The time of the stamp is the build's beginning: what is edited from now on is newer.
> "%out%\stamp.next" echo %folder%
set "rid=win-x64"
if /i "%PROCESSOR_ARCHITECTURE%"=="ARM64" set "rid=win-arm64"
call :publish true
if not errorlevel 1 goto built
findstr /r "NU110[0-9] NU130[0-9] NETSDK1094" "%log%" >nul || goto failed
echo kadath: the ahead-of-time compiler cannot be had, so the program starts slower: building without it 1>&2
call :publish false
if errorlevel 1 goto failed

:built
move /y "%out%\stamp.next" "%out%\stamp" >nul
rd "%out%\building"
rem A node may still run from an older build: its files stay where they are.
for /f "skip=3 delims=" %%i in ('dir /b /ad /o-d "%out%\build-*"') do rd /s /q "%out%\%%i" 2>nul

:run
rem The program needs the runtime that built it; where that is not registered, the command on PATH tells where it is.
if not defined DOTNET_ROOT for /f "delims=" %%i in ('where dotnet') do if not defined DOTNET_ROOT if exist "%%~dpihost\fxr" set "DOTNET_ROOT=%%~dpi"
"%out%\%folder%\Kadath.Cli.exe" %*
exit /b %errorlevel%

:failed
rd "%out%\building"
rd /s /q "%out%\%folder%" 2>nul
findstr /r /c:": error " "%log%" 1>&2
echo kadath: the build failed; all of its output is in "%log%" 1>&2
exit /b 4

rem Leaves in folder the one that holds a program newer than all of its sources, or nothing. A folder's time tells what was removed.
:check
set "folder="
set "stale=1"
if not exist "%out%\stamp" exit /b 0
for /f %%s in ('powershell -NoProfile -Command "$s=(Get-Item -LiteralPath ($env:out+'\stamp')).LastWriteTimeUtc; $f=@(Get-ChildItem -LiteralPath ($env:root+'src') -Recurse)+@(Get-Item -Path ($env:root+'Directory.*'),($env:root+'global.json')); if ($f | Where-Object { $_.LastWriteTimeUtc -gt $s } | Select-Object -First 1) { 1 } else { 0 }"') do set "stale=%%s"
if not "%stale%"=="0" exit /b 0
set /p "folder=" < "%out%\stamp"
if not exist "%out%\%folder%\Kadath.Cli.exe" set "folder="
exit /b 0

:publish
dotnet publish "%root%src\Kadath.Cli" -c Release -nologo -v minimal -tl:off -nodeReuse:false -r %rid% --self-contained false -p:PublishReadyToRun=%1 -p:KadathFast=true -p:ArtifactsPath="%out%\work" -o "%out%\%folder%" > "%log%" 2>&1
exit /b %errorlevel%
