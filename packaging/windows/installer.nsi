; The installer: for one user, without administrator rights, into that user's own folder of programs.
; packaging/windows/build calls makensis with VERSION, NUMBERS (four of them), FILES (the folder with the generated lists
; install.nsh and uninstall.nsh, which name what is installed) and OUT.
;
; Exit codes, for who installs silently (/S): 0 done, 1 stopped by the person, 2 not done.

Unicode true
Target amd64-unicode
ManifestDPIAware true
ManifestSupportedOS Win10
SetCompressor /SOLID lzma
RequestExecutionLevel user

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinVer.nsh

!define NAME "Carto Flasher"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\carto-flasher"
!define HOME "https://github.com/carto-flasher/carto-flasher"

Name "${NAME}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "${UNINSTALL}" InstallLocation
BrandingText "${NAME} ${VERSION}"

VIProductVersion "${NUMBERS}"
VIAddVersionKey ProductName "${NAME}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "${NAME} setup"
VIAddVersionKey CompanyName "The carto-flasher developers"
VIAddVersionKey LegalCopyright "MIT OR Apache-2.0"

!define MUI_ICON "..\..\assets\icon\carto-flasher.ico"
!define MUI_UNICON "..\..\assets\icon\carto-flasher.ico"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\carto-flasher.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!define MUI_UNCONFIRMPAGE_TEXT_TOP "${NAME} is removed from this computer. What is yours stays: settings, backups of \
  probes, and firmware that was fetched. To remove those too, delete the folders carto-flasher in %APPDATA% and %LOCALAPPDATA%."
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English

!macro RefuseRunning
  MessageBox MB_OK|MB_ICONEXCLAMATION "${NAME} is running. Let it finish, close it, then start this again." /SD IDOK
  SetErrorLevel 2
  Quit
!macroend

; Files of a program that runs cannot be replaced, and a probe may be in the middle of a flash.
!macro RefuseWhileRunning PROGRAM
  ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${PROGRAM}" a
    ${If} ${Errors}
      !insertmacro RefuseRunning
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

; What is installed already goes first, by its own list: files that this version no longer has would stay for ever.
!macro RemoveEarlier
  ReadRegStr $1 HKCU "${UNINSTALL}" InstallLocation
  ${If} $1 != ""
  ${AndIf} ${FileExists} "$1\uninstall.exe"
    ; With _?= it runs where it lies, so that its end can be waited for, and cannot remove itself.
    ExecWait '"$1\uninstall.exe" /S _?=$1' $0
    ${If} $0 = 2
      !insertmacro RefuseRunning
    ${EndIf}
    Delete "$1\uninstall.exe"
    RMDir "$1"
  ${EndIf}
!macroend

Function .onInit
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "${NAME} needs Windows 10 or later." /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
FunctionEnd

Section
  !insertmacro RefuseWhileRunning carto-flasher.exe
  !insertmacro RefuseWhileRunning carto-flasher-cli.exe
  !insertmacro RemoveEarlier
  SetOverwrite on
  !include "${FILES}\install.nsh"
  SetOutPath "$INSTDIR"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\carto-flasher.exe"

  WriteRegStr HKCU "${UNINSTALL}" DisplayName "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" DisplayVersion "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" DisplayIcon "$INSTDIR\carto-flasher.exe"
  WriteRegStr HKCU "${UNINSTALL}" Publisher "The carto-flasher developers"
  WriteRegStr HKCU "${UNINSTALL}" URLInfoAbout "${HOME}"
  WriteRegStr HKCU "${UNINSTALL}" InstallLocation "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" UninstallString '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" QuietUninstallString '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" NoModify 1
  WriteRegDWORD HKCU "${UNINSTALL}" NoRepair 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKCU "${UNINSTALL}" EstimatedSize "$0"
SectionEnd

Section Uninstall
  !insertmacro RefuseWhileRunning carto-flasher.exe
  !insertmacro RefuseWhileRunning carto-flasher-cli.exe
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey HKCU "${UNINSTALL}"
  ; Only what was installed, file by file: whatever else somebody put into the folder stays, and so does the folder then.
  !include "${FILES}\uninstall.nsh"
  Delete "$INSTDIR\uninstall.exe"
  SetOutPath "$TEMP"
  RMDir "$INSTDIR"
SectionEnd
