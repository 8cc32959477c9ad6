@echo off
rem Builds everything and runs every test suite that Windows can: the foreign peers need Linux. See the script test.
setlocal enabledelayedexpansion
set "root=%~dp0"
where dotnet >nul 2>nul || (
    echo Kadath needs the .NET SDK 10.0: winget install Microsoft.DotNet.SDK.10 1>&2
    exit /b 4
)
set "filter="
for %%a in (%*) do if "%%a"=="--quick" set "filter=-trait- Category=Long"
dotnet build "%root%Kadath.slnx" -c Release -nologo -v quiet -nodeReuse:false -p:KadathFast=true
if errorlevel 1 exit /b 1
if not exist "%root%artifacts\test" mkdir "%root%artifacts\test"
set "bad=0"
for %%s in (Conformance Fuzz Node Unit) do (
    "%root%artifacts\bin\Kadath.Tests.%%s\release\Kadath.Tests.%%s.exe" -xml "%root%artifacts\test\%%s.xml" -noLogo !filter!
    if errorlevel 1 set "bad=1"
)
echo   Interop: left out, the foreign peers need Linux
powershell -NoProfile -Command "$p=0;$f=0;$s=0; Get-ChildItem '%root%artifacts\test\*.xml' | ForEach-Object { ([xml](Get-Content $_ -Raw)).assemblies.assembly | ForEach-Object { $p+=[int]$_.passed; $f+=[int]$_.failed+[int]$_.errors; $s+=[int]$_.skipped } }; \"$p passed, $f failed, $s skipped\""
exit /b %bad%
