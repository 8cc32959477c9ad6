@echo off
rem Builds everything and runs every test suite that Windows can: the foreign peers need Linux. See the script test.
rem The last line on standard output is "N passed, N failed, N skipped".
setlocal enableextensions enabledelayedexpansion
set "root=%~dp0"
set "out=%root%artifacts\test"
set "filter="
for %%a in (%*) do (
    set "known="
    if "%%a"=="--quick" set "filter=-trait- Category=Long" & set "known=1"
    if "%%a"=="--no-interop" set "known=1"
    if not defined known (
        echo usage: test [--quick] [--no-interop] 1>&2
        echo test: '%%a' is unknown, or needs Linux 1>&2
        exit /b 2
    )
)
where dotnet >nul 2>nul
if errorlevel 1 (
    echo Kadath needs the .NET SDK 10.0: winget install Microsoft.DotNet.SDK.10 1>&2
    exit /b 4
)
if not exist "%out%" mkdir "%out%"
del /q "%out%\*.xml" 2>nul
echo Building Kadath.slnx
dotnet build "%root%Kadath.slnx" -c Release -nologo -v quiet -tl:off -nodeReuse:false -p:KadathFast=true
if errorlevel 1 (
    echo The build failed.
    echo 0 passed, 1 failed, 0 skipped
    exit /b 1
)
rem Suites are the folders of tests that hold a project. One that leaves no report has crashed, and counts as a failure.
set "bad=0"
set "crashed=0"
for /d %%j in ("%root%tests\*") do for %%k in ("%%j\*.csproj") do (
    if /i "%%~nxj"=="Interop" (
        echo   Interop: left out, the foreign peers need Linux
    ) else (
        "%root%artifacts\bin\%%~nk\release\%%~nk.exe" -xml "%out%\%%~nxj.xml" -noColor -noLogo !filter!
        if errorlevel 1 set "bad=1"
        if not exist "%out%\%%~nxj.xml" (
            echo   %%~nxj: FAILED, it left no report
            set /a crashed+=1
            set "bad=1"
        )
    )
)
powershell -NoProfile -Command "$p=0; $f=[int]$env:crashed; $s=0; Get-ChildItem -LiteralPath $env:out -Filter *.xml | ForEach-Object { ([xml](Get-Content -LiteralPath $_.FullName -Raw)).assemblies.assembly | ForEach-Object { $p+=[int]$_.passed; $f+=[int]$_.failed+[int]$_.errors; $s+=[int]$_.skipped } }; '{0} passed, {1} failed, {2} skipped' -f $p,$f,$s"
exit /b %bad%
