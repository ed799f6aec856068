hosts after=files libvirt_guest
hosts before=libvirt_guest libvirt
