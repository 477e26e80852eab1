# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164 # part of run.sh, whose variables and functions it uses
# The packages: what they depend on, and that they install, work and leave nothing behind.

deb=$dist/cicdctl_${version}_linux_$arch.deb rpm=$dist/cicdctl_${version}_linux_$arch.rpm

step "packages depend on versions, each in its own form"
dpkg-deb --field "$deb" Depends | grep -qx 'ca-certificates (>= 20170717)' || fail "Debian: $(dpkg-deb --field "$deb" Depends)"
[ "$(rpm -qp --requires "$rpm" | grep -v '^rpmlib(')" = 'ca-certificates >= 2017.2.14' ] || fail "RPM: $(rpm -qp --requires "$rpm")"

[ "$(rpm -qp --queryformat '%{BUILDHOST} %{BUILDTIME}' "$rpm")" = "localhost $(git -C "$work/first" show -s --format=%ct HEAD)" ] ||
	fail "the RPM tells of this machine: $(rpm -qp --queryformat '%{BUILDHOST} %{BUILDTIME}' "$rpm")"

step "the RPM has the files of the Debian package at its own places, installs and goes"
# places: where both put a file, without what each keeps to itself.
places() { sed 's|^\./|/|; s|/zsh/vendor-completions/|/zsh/site-functions/|; s|/usr/share/doc/cicdctl/copyright|/usr/share/licenses/cicdctl/LICENSE|' | grep -v '/$' | LC_ALL=C sort; }
dpkg-deb --fsys-tarfile "$deb" | tar -t | places >"$work/deb.files"
rpm -qp --queryformat '[%{FILEMODES:perms} %{FILENAMES}\n]' "$rpm" | sed -n 's/^-[^ ]* //p' | places >"$work/rpm.files"
diff "$work/deb.files" "$work/rpm.files" || fail "the packages have different files"
diff <(rpm2cpio "$rpm" | cpio -t --quiet | sed 's|^\./|/|' | LC_ALL=C sort) <(rpm -qpl "$rpm" | LC_ALL=C sort) || fail "the RPM has other files than it says"
fedora=$work/fedora
mkdir "$fedora"
log rpm-init rpm --root "$fedora" --initdb
(cd "$fedora" && find . -not -path './var/lib/rpm/*' | LC_ALL=C sort) >"$work/fedora.before"
log rpm-install rpm --root "$fedora" --nodeps --install "$rpm"
"$fedora/usr/bin/cicdctl" version | grep -qF "$tag " || fail "from the RPM: $("$fedora/usr/bin/cicdctl" version)"
log rpm-verify rpm --root "$fedora" --nodeps --verify cicdctl
log rpm-erase rpm --root "$fedora" --nodeps --erase cicdctl
(cd "$fedora" && find . -not -path './var/lib/rpm/*' | LC_ALL=C sort) >"$work/fedora.after"
# Directories of the distribution belong to its own packages.
left=$(comm -13 "$work/fedora.before" "$work/fedora.after" | grep cicdctl || true)
[ -z "$left" ] || fail "the RPM leaves these: $left"

# files: what there is where packages put files, but for what notes which are installed, and caches.
files() {
	find /boot /etc /opt /srv /usr /var \( -path "$root" -o -path "$work" -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/log \
		-o -path /var/tmp \) -prune -o -print | LC_ALL=C sort
}
step "the Debian package installs"
files >"$work/before"
installed=yes
# Small images of Debian leave manual pages and documentation out of whatever is installed.
(cd "$dist" && export DEBIAN_FRONTEND=noninteractive &&
	log apt-install apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 \
		-o DPkg::Options::='--path-include=/usr/share/man/*' -o DPkg::Options::='--path-include=/usr/share/doc/*' "./$(basename "$deb")")
[ "$(command -v cicdctl)" = /usr/bin/cicdctl ] || fail "$(command -v cicdctl) comes first"
cicdctl version | grep -qF "$tag " || fail "installed from Debian's package: $(cicdctl version)"
[ -z "$(dpkg --verify cicdctl)" ] || fail "differs from the package: $(dpkg --verify cicdctl)"
links /usr/share/doc/cicdctl
for page in cicdctl cicdctl-client-create; do
	[ "$(man --where "$page")" = "/usr/share/man/man1/$page.1.gz" ] || fail "man does not find $page"
	MANWIDTH=80 man --pager=cat "$page" >"$work/page" 2>&1 || fail "man cannot show $page: $(cat "$work/page")"
	grep -q '^SYNOPSIS' "$work/page" || fail "man shows of $page: $(cat "$work/page")"
done

step "bash completes"
# As bash does at the first TAB after the name: it looks for the file, and asks the function in it, which
# also sets options of a completion that only bash itself can begin.
completed=$(bash --norc -c '
	. /usr/share/bash-completion/bash_completion
	_completion_loader cicdctl || [ $? = 124 ]
	COMP_LINE="cicdctl client cr" COMP_POINT=17 COMP_WORDS=(cicdctl client cr) COMP_CWORD=2
	COMP_TYPE=9 $(complete -p cicdctl | sed "s/.*-F \([^ ]*\) .*/\1/") cicdctl cr client
	printf "%s\n" "${COMPREPLY[@]}"' 2>"$work/completion")
[ "${completed%% }" = create ] || fail "bash completes 'cicdctl client cr' with: $completed $(cat "$work/completion")"

step "the first page of README works, in the sandbox"
export AWS_ACCESS_KEY_ID=nobody AWS_SECRET_ACCESS_KEY=nothing AWS_EC2_METADATA_DISABLED=true
mkdir -p "$work/home/desk"
cd "$work/home/desk"
followed=0
while read -r command; do
	want=0
	case $command in
	"cicdctl client create "*) command="$command --yes" ;;
	"cicdctl client plan "*) want=3 ;; # changes are pending
	esac
	code=0
	# shellcheck disable=SC2086 # words
	HOME=$work/home CICDCTL_SANDBOX_FILE=$work/home/desk/account.json /usr/bin/${command} --sandbox </dev/null >"$work/command.log" 2>&1 || code=$?
	[ $code = $want ] || fail "$command --sandbox ends with $code: $(tail -n 20 "$work/command.log")"
	followed=$((followed + 1))
done < <(sed -n '/^## The first client/,/^To change a client/p' /usr/share/doc/cicdctl/README.md | grep -oE '`cicdctl [^`]+`' | tr -d '`')
[ $followed -ge 5 ] || fail "README's first page names $followed commands"
grep -q ACME "$work/command.log" || fail "client show says: $(cat "$work/command.log")"
cd "$root"

step "the Debian package goes, and nothing is left"
log apt-purge apt-get purge -qq -y -o DPkg::Lock::Timeout=300 cicdctl
installed=
files >"$work/after"
diff "$work/before" "$work/after" >"$work/left" || fail "after the package: $(cat "$work/left")"
! dpkg-query --show cicdctl >/dev/null 2>&1 || fail "dpkg knows cicdctl still: $(dpkg-query --show cicdctl)"
left=$(find /var/lib/dpkg/info -name 'cicdctl*'; find "$work/home" -mindepth 1 -not -path "$work/home/desk*")
[ -z "$left" ] || fail "these are left: $left"
